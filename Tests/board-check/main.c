int board_check(int argc, char **argv);
int main(int argc, char **argv) { return board_check(argc, argv); }

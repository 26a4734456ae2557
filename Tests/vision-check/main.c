int vision_check(int argc, char **argv);
int main(int argc, char **argv) { return vision_check(argc, argv); }

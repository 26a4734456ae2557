int swiftlet_main(int argc, char **argv);
int main(int argc, char **argv) { return swiftlet_main(argc, argv); }

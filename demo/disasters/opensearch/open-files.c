/*
 * Preloaded into Java where nobody can raise the limit of open files: programs hear of at least what OpenSearch asks for. The kernel's limit stays.
 * Declared here instead of included, so that a compiler without any headers will do; for 64-bit Linux.
 */
#define OPEN_FILES 7
#define WANTED 65535

struct limit {
  unsigned long soft, hard;
};

extern int prlimit(int process, int resource, const struct limit *wanted, struct limit *found);

int getrlimit(int resource, struct limit *found) {
  int result = prlimit(0, resource, 0, found);
  if (result == 0 && resource == OPEN_FILES && found->soft < WANTED) found->soft = WANTED;
  return result;
}

/* What programs with 64-bit file sizes are linked to. */
int getrlimit64(int resource, struct limit *found) { return getrlimit(resource, found); }

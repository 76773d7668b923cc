/* For each file under $SYNCED_UNDER, keeps a copy FILE.synced with the content last synced to disk.

   Preloaded before libc. The copy is what survives a power cut; a killed process loses nothing it wrote, because the
   kernel still has it. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int named(int fd, char *path) {
    const char *under = getenv("SYNCED_UNDER");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (under == NULL || length <= 0) return 0;
    path[length] = '\0';
    return strncmp(path, under, strlen(under)) == 0 && path[strlen(under)] == '/';
}

static void keep(const char *path) {
    char copy[PATH_MAX + 16], fresh[PATH_MAX + 16], block[65536];
    snprintf(copy, sizeof copy, "%s.synced", path);
    snprintf(fresh, sizeof fresh, "%s.fresh", path);
    int from = open(path, O_RDONLY), to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (ssize_t read_ = 1; from >= 0 && to >= 0 && (read_ = read(from, block, sizeof block)) > 0;)
        if (write(to, block, read_) != read_) abort();
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    rename(fresh, copy);
}

static int synced(int fd, long call) {
    char path[PATH_MAX];
    if (!named(fd, path)) return syscall(call, fd);
    pthread_mutex_lock(&one_at_a_time);
    keep(path);
    pthread_mutex_unlock(&one_at_a_time);
    return 0;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }

int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

/* fork(3) in a small program of its own: the median time to make a copy, let it end and reap it, in nanoseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 1000 };

static int compare(const void *one, const void *other)
{
	long a = *(const long *)one, b = *(const long *)other;

	return (a > b) - (a < b);
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

int main(void)
{
	static long taken[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		long start = now();
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return 1;
		taken[round] = now() - start;
	}
	qsort(taken, ROUNDS, sizeof *taken, compare);
	printf("%ld\n", taken[ROUNDS / 2]);
	return 0;
}

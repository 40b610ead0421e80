/* The peers: each function makes a task as the C library does, lets it end and reaps it. Each answers 0, or an errno. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int reap(pid_t pid)
{
	int status;

	if (pid < 0)
		return errno;
	return waitpid(pid, &status, __WALL) == pid && status == 0 ? 0 : ECHILD;
}

int peer_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return reap(pid);
}

int peer_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return reap(pid);
}

static int end(void *nothing)
{
	(void)nothing;
	return 0;
}

/* The chimera by the library's wrapper. */
int peer_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return reap(clone(end, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
}

static void *nothing(void *argument)
{
	return argument;
}

int peer_pthread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);

	return error ? error : pthread_join(thread, NULL);
}

/* A program, and how many page faults it took, if that is asked for. */
int peer_spawn(char *const *words, long *faults)
{
	struct rusage usage;
	pid_t pid;
	int status, error = posix_spawn(&pid, words[0], NULL, NULL, words, environ);

	if (error)
		return error;
	if (wait4(pid, &status, 0, &usage) != pid || status != 0)
		return ECHILD;
	if (faults)
		*faults = usage.ru_minflt;
	return 0;
}

int peer_vfork_exec(char *const *words)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(words[0], words, environ);
		_exit(127);
	}
	return reap(pid);
}

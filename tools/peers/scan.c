/*
 * What `chimera inspect --all` does, as a loop in C: the same files are read, and the same calls of kcmp(2) made.
 *
 *	scan		prints the number of tasks and of calls
 *	scan pairs PID	compares PID and all tasks of its children with each other: a line a task, its id and for each
 *			resource the lowest id of a task with the same object, or 0
 *	scan crowd N T	makes N processes of T threads; "mixed" for T makes sharers of all kinds. Prints its id, and stays
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TYPES = 6, MEMORY = 0, HANDLERS = 3, KERNEL_THREAD = 0x200000, STACK = 8192 };

/* KCMP_VM, FILES, FS, SIGHAND, SYSVSEM, IO */
static const int types[TYPES] = { 1, 2, 3, 4, 6, 5 };
static const char *const spaces[] = { "user", "mnt", "uts", "ipc", "net", "pid", "cgroup", "time", "pid_for_children",
				      "time_for_children" };

struct task {
	int tid, group, parent, is_left_out, class[TYPES];
};

/* The objects of a type: a representative each, and their order. */
struct classes {
	int *sorted, *representative, count;
};

static struct task *tasks;
static int count, room;
static long calls;
static char buffer[32768];

static int compare(int a, int b, int type)
{
	calls++;
	return syscall(SYS_kcmp, a, b, types[type], 0, 0);
}

static int read_file(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC), length = 0, more;

	if (file < 0)
		return 0;
	while ((more = read(file, buffer + length, sizeof buffer - 1 - length)) > 0)
		length += more;
	close(file);
	buffer[length] = 0;
	return length;
}

/* Adds a task; answers the number of tasks in its group. */
static int add(int group, int tid)
{
	char path[64], *rest;
	int parent, threads;
	unsigned flags;

	sprintf(path, "/proc/%d/task/%d/stat", group, tid);
	if (!read_file(path) || !(rest = strrchr(buffer, ')')))
		return 1;
	if (sscanf(rest + 2, "%*c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d", &parent, &flags,
		   &threads) != 3)
		return 1;
	if (count == room) {
		room = room ? 2 * room : 64;
		tasks = realloc(tasks, room * sizeof *tasks);
	}
	tasks[count++] = (struct task){ tid, group, parent, (flags & KERNEL_THREAD) != 0, { 0 } };
	return threads;
}

static void list(void)
{
	DIR *all = opendir("/proc"), *group;
	struct dirent *entry;
	char path[64];

	while ((entry = readdir(all))) {
		int pid = atoi(entry->d_name);

		if (pid <= 0 || add(pid, pid) == 1)
			continue;
		sprintf(path, "/proc/%d/task", pid);
		if (!(group = opendir(path)))
			continue;
		while ((entry = readdir(group)))
			if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != pid)
				add(pid, atoi(entry->d_name));
		closedir(group);
	}
	closedir(all);
}

static int find(struct classes *classes, int type, int tid, int before)
{
	int low = 0, high = classes->count, middle, order;

	if (before >= 0 && compare(tid, classes->representative[before], type) == 0)
		return before;
	while (low < high) {
		middle = (low + high) / 2;
		order = compare(tid, classes->representative[classes->sorted[middle]], type);
		if (order == 0)
			return classes->sorted[middle];
		if (order < 0)
			return -1;
		if (order == 1)
			high = middle;
		else
			low = middle + 1;
	}
	memmove(classes->sorted + low + 1, classes->sorted + low, (classes->count - low) * sizeof(int));
	classes->sorted[low] = classes->count;
	classes->representative[classes->count] = tid;
	return classes->count++;
}

static void read_place(const struct task *task)
{
	char path[96];
	struct stat status;
	int file;

	for (unsigned i = 0; i < sizeof spaces / sizeof *spaces; i++) {
		sprintf(path, "/proc/%d/task/%d/ns/%s", task->group, task->tid, spaces[i]);
		if (stat(path, &status) < 0)
			break;
	}
	sprintf(path, "/proc/%d/task/%d/status", task->group, task->tid);
	if ((file = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
		if (read(file, buffer, 1024) < 0)
			perror(path);
		close(file);
	}
	sprintf(path, "/proc/%d/task/%d/cgroup", task->group, task->tid);
	read_file(path);
}

static int scan(void)
{
	struct classes classes[TYPES];
	siginfo_t info;
	char path[64];
	int ended;

	list();
	if ((ended = fork()) == 0)
		_exit(0);
	waitid(P_PID, ended, &info, WEXITED | WNOWAIT);
	for (int type = 0; type < TYPES; type++) {
		classes[type] = (struct classes){ malloc((count + 2) * sizeof(int)), malloc((count + 2) * sizeof(int)), 0 };
		if (type != HANDLERS)
			find(&classes[type], type, ended, -1);
	}
	for (struct task *task = tasks; task < tasks + count; task++) {
		const struct task *before = task - 1;
		int has_before = task > tasks && before->group == task->group && !before->is_left_out;

		if (task->is_left_out || (task->is_left_out = compare(task->tid, task->tid, MEMORY) < 0))
			continue;
		for (int type = 0; type < TYPES; type++)
			task->class[type] = has_before && (type == MEMORY || type == HANDLERS) ?
				before->class[type] :
				find(&classes[type], type, task->tid, has_before ? before->class[type] : -1);
	}
	for (struct task *task = tasks; task < tasks + count; task++)
		read_place(task);
	for (struct task *task = tasks; task < tasks + count; task++)
		for (int type = 0; type < TYPES && !task->is_left_out; type++) {
			int is_first = task == tasks || task[-1].group != task->group, class = task->class[type];

			if ((is_first || (type != MEMORY && type != HANDLERS)) && class >= 0 &&
			    classes[type].representative[class] != task->tid)
				compare(task->tid, classes[type].representative[class], type);
		}
	for (struct task *task = tasks; task < tasks + count; task++) {
		sprintf(path, "/proc/%d/task/%d/stat", task->group, task->tid);
		read_file(path);
	}
	waitpid(ended, NULL, 0);
	printf("%d %ld\n", count, calls);
	return 0;
}

static int is_of(const struct task *task, int crowd)
{
	return task->tid == crowd || task->parent == crowd;
}

static int pairs(int crowd)
{
	siginfo_t info;
	int ended;

	list();
	if ((ended = fork()) == 0)
		_exit(0);
	waitid(P_PID, ended, &info, WEXITED | WNOWAIT);
	for (int one = 0; one < count; one++) {
		if (!is_of(&tasks[one], crowd))
			continue;
		printf("%d", tasks[one].tid);
		for (int type = 0; type < TYPES; type++) {
			int lowest = tasks[one].tid;

			for (int other = 0; other < count; other++)
				if (is_of(&tasks[other], crowd) && tasks[other].tid < lowest &&
				    compare(tasks[one].tid, tasks[other].tid, type) == 0)
					lowest = tasks[other].tid;
			if (type != HANDLERS && compare(tasks[one].tid, ended, type) == 0)
				lowest = 0;
			printf(" %d", lowest);
		}
		printf("\n");
	}
	waitpid(ended, NULL, 0);
	return 0;
}

static int stay(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

static int member(void *threads)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (long number = 1; number < (long)threads; number++) {
		char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		clone(stay, stack + STACK,
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
	}
	return stay(NULL);
}

static int crowd(int number, const char *threads)
{
	static const int sharers[] = { 0, CLONE_VM, CLONE_FILES, CLONE_FS, CLONE_SYSVSEM,
				       CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND, CLONE_FILES | CLONE_FS, 0 };
	int is_mixed = strcmp(threads, "mixed") == 0;

	for (int made = 0; made < number; made++) {
		int flags = is_mixed ? sharers[made % 8] : 0;
		char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (clone(member, stack + STACK, flags | SIGCHLD, (void *)(is_mixed ? 1L : atol(threads))) < 0) {
			perror("clone");
			return 1;
		}
		if (!(flags & CLONE_VM))
			munmap(stack, STACK);
	}
	printf("%d\n", getpid());
	fflush(stdout);
	return stay(NULL);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "crowd") == 0)
		return crowd(atoi(argv[2]), argv[3]);
	if (argc == 3 && strcmp(argv[1], "pairs") == 0)
		return pairs(atoi(argv[2]));
	return scan();
}

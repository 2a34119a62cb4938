//go:build linux || darwin

package reader

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// killGroup ends the child and what it started.
func killGroup(cmd *exec.Cmd) error {
	if cmd.Process == nil {
		return os.ErrProcessDone
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		return os.ErrProcessDone
	}
	return nil
}

func signalled(s *os.ProcessState) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

// usage is what a process took.
func usage(s *os.ProcessState) Usage {
	if s == nil {
		return Usage{}
	}
	u := Usage{CPU: s.UserTime() + s.SystemTime()}
	if r, ok := s.SysUsage().(*syscall.Rusage); ok {
		u.RSSBytes = r.Maxrss * maxrssUnit
	}
	return u
}

// limit sets one bound for good.
func limit(resource int, most uint64) error {
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most})
}

// restrictPortable sets the bounds that both systems have.
func restrictPortable(b Bounds) error {
	cpu := seconds(max(b.CPU, time.Second))
	for _, r := range []struct {
		resource int
		most     uint64
	}{{syscall.RLIMIT_CORE, 0}, {syscall.RLIMIT_CPU, cpu}, {syscall.RLIMIT_FSIZE, b.FileBytes}, {syscall.RLIMIT_NOFILE, b.Files}} {
		if err := limit(r.resource, r.most); err != nil {
			return err
		}
	}
	return nil
}

//go:build !linux && !darwin

package reader

import (
	"os"
	"os/exec"
)

func executable() (string, error) { return os.Executable() }

func isolate(*exec.Cmd) {}

// killGroup ends the child.
func killGroup(cmd *exec.Cmd) error {
	if cmd.Process == nil {
		return os.ErrProcessDone
	}
	return cmd.Process.Kill()
}

func signalled(*os.ProcessState) bool { return false }

func usage(s *os.ProcessState) Usage {
	if s == nil {
		return Usage{}
	}
	return Usage{CPU: s.UserTime() + s.SystemTime()}
}

// restrict sets nothing: wall time and the collector of garbage are the bounds here.
func restrict(Bounds) error { return nil }

// peakRSS is not known here.
func peakRSS() int64 { return 0 }

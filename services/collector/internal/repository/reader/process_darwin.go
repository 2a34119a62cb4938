package reader

import (
	"os"
	"os/exec"
	"syscall"
)

const maxrssUnit = 1

// executable is this very program.
func executable() (string, error) { return os.Executable() }

// isolate gives the child a group of its own, which is ended as one.
func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// restrict bounds this process by what the system offers; memory by the collector of garbage alone.
func restrict(b Bounds) error { return restrictPortable(b) }

// peakRSS is not known here.
func peakRSS() int64 { return 0 }

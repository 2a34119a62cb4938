package reader

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

const maxrssUnit = 1024 // getrusage counts in KiB

// executable is this very program, even after its file was replaced.
func executable() (string, error) { return "/proc/self/exe", nil }

// isolate gives the child a group of its own, which is ended as one, and its death with the parent's.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// restrict bounds this process. Memory is bounded by RLIMIT_DATA: it counts what is mapped to be written, where RLIMIT_AS would count
// what the Go runtime reserves, too.
func restrict(b Bounds) error {
	if err := restrictPortable(b); err != nil {
		return err
	}
	if raceEnabled {
		return nil // the detector maps terabytes
	}
	return limit(syscall.RLIMIT_DATA, b.DataBytes)
}

// peakRSS is the most memory that this process has had; 0: not known.
func peakRSS() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, _ := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))), 10, 64)
			return kib << 10
		}
	}
	return 0
}

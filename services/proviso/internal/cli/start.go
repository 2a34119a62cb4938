package cli

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

const (
	// usualStart is what the process takes to reach its command where the operating system does not tell when it was started.
	usualStart = 50 * time.Millisecond
	// longestStart is beyond what loading takes: a longer one means that the two clocks do not belong together, as in a
	// container with an uptime of its own.
	longestStart = 5 * time.Second
	// tick is the unit of times in /proc, fixed by Linux's interface to programs.
	tick = 10 * time.Millisecond
	// startField is the place of the start time among the fields of /proc/self/stat that follow the program's name.
	startField = 19
)

// processStart is when this process was started. Loading a large program from a cold disk takes longer than what remains of it
// shows, and who waits for the answer waits for that, too.
func processStart() time.Time {
	now := time.Now()
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return now.Add(-usualStart)
	}
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return now.Add(-usualStart)
	}
	age, ok := ageOf(stat, uptime)
	if !ok {
		age = usualStart
	}
	return now.Add(-age)
}

// ageOf computes the age of a process from the content of its stat file and of the system's uptime file.
func ageOf(stat, uptime []byte) (time.Duration, bool) {
	// The program's name stands in brackets and may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	up := bytes.Fields(uptime)
	if len(fields) <= startField || len(up) == 0 {
		return 0, false
	}
	started, err := strconv.ParseInt(string(fields[startField]), 10, 64)
	if err != nil {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(string(up[0]), 64)
	if err != nil {
		return 0, false
	}
	age := time.Duration(seconds*float64(time.Second)) - time.Duration(started)*tick
	return max(age, 0), age > -2*tick && age < longestStart
}

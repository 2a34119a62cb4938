package failpoint

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain lets the test run itself as the process that dies.
func TestMain(m *testing.M) {
	if os.Getenv("FAILPOINT_TEST_CHILD") != "" {
		for range 3 {
			Hit(ManagerBeforeAck)
			Hit(AgentBeforeAck)
			os.Stdout.WriteString("alive\n")
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestKill(t *testing.T) {
	tests := map[string]struct {
		setting string
		alive   int
		killed  bool
	}{
		"Unset": {"", 3, false},
		"First": {AgentBeforeAck, 0, true},
		"Third": {AgentBeforeAck + ":3", 2, true},
		"Never": {AgentBeforeAck + ":4", 3, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), "FAILPOINT_TEST_CHILD=1", Variable+"="+tc.setting)
			out, err := child.Output()
			if got := strings.Count(string(out), "alive"); got != tc.alive {
				t.Errorf("passed %d times, want %d", got, tc.alive)
			}
			if killed := err != nil && strings.Contains(err.Error(), "killed"); killed != tc.killed {
				t.Errorf("ended with %v, want killed %v", err, tc.killed)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, setting := range []string{"agent.befor_ack", "x:1", AgentBeforeAck + ":0", AgentBeforeAck + ":-1", AgentBeforeAck + ":x", AgentBeforeAck + ":"} {
		if _, err := parse(setting); err == nil {
			t.Errorf("%q was accepted: a crash test with it would pass for ever", setting)
		}
	}
	for _, name := range Names() {
		if hook, err := parse(name); err != nil || hook == nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestHook(t *testing.T) {
	var hits []string
	restore := Hook(func(name string) { hits = append(hits, name) })
	Hit(AgentReceived)
	restore()
	Hit(AgentAfterAck)
	if len(hits) != 1 || hits[0] != AgentReceived {
		t.Errorf("got %q", hits)
	}
}

func BenchmarkHitUnarmed(b *testing.B) {
	for b.Loop() {
		Hit(AgentReceived)
	}
}

package llm

import (
	"math"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Limits is what a run may spend. A zero field has its default.
type Limits struct {
	Calls         int           // calls of a run, repairs and retries included; 4
	InputTokens   int           // of a run; 8,000
	OutputTokens  int           // of a run, thoughts included; 1,500
	PromptBytes   int           // of one prompt after redaction; 16 KiB
	CallTimeout   time.Duration // of one call; 20 s
	RunTimeout    time.Duration // of all calls of one step; 60 s
	Concurrency   int           // calls at a time, for each model; 4
	CallsPerMin   int           // for each model; 120
	RetriesPerAsk int           // of one question to one model; 2; below 0: none
}

// defaults returns the limits with every field set.
func (l Limits) defaults() Limits {
	set := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	set(&l.Calls, 4)
	set(&l.InputTokens, 8000)
	set(&l.OutputTokens, 1500)
	set(&l.PromptBytes, 16<<10)
	set(&l.Concurrency, 4)
	set(&l.CallsPerMin, 120)
	set(&l.RetriesPerAsk, 2)
	if l.CallTimeout == 0 {
		l.CallTimeout = 20 * time.Second
	}
	if l.RunTimeout == 0 {
		l.RunTimeout = time.Minute
	}
	return l
}

// leastOutput is the fewest tokens in which an answer can be hoped for.
const leastOutput = 128

// allow returns how many tokens the next answer may have, or [ErrBudget]. The first answer leaves room for a repair.
func (l Limits) allow(use *provisov1.ModelUse, input int) (output int, err error) {
	left := l.OutputTokens - int(use.GetOutputTokens())
	if int(use.GetCalls()) >= l.Calls || int(use.GetInputTokens())+input > l.InputTokens || left < leastOutput {
		return 0, ErrBudget
	}
	if use.GetCalls() == 0 {
		return max(leastOutput, left*2/3), nil
	}
	return left, nil
}

// tokens estimates how many tokens a text has. The estimate is on the high side for English and French.
func tokens(bytes int) int { return int(math.Ceil(float64(bytes) / 3.5)) }

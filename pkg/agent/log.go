package agent

import (
	"log/slog"
	"runtime/debug"
)

// logPanic records a recovered panic with its stack; it is the only trace that a panic leaves.
func logPanic(log *slog.Logger, value any, args ...any) {
	log.Error("panic", append(args, "panic", value, "stack", string(debug.Stack()))...)
}

package reader

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/repository"
)

// Options say how repositories are read.
type Options struct {
	// Config says which may be read.
	Config repository.Config
	// Bounds are those of one process.
	Bounds Bounds
	// Log hears of processes that ended badly. nil: nobody.
	Log *slog.Logger
	// Observe hears what each reading took. nil: nobody.
	Observe func(Usage)
}

// Usage is what one reading took.
type Usage struct {
	Wall     time.Duration
	CPU      time.Duration
	RSSBytes int64  // at most; of a child that ended without an answer the larger of its own and its parent's
	Code     string // of the failure; empty: none
}

// Reader reads repositories, each in a process of its own. It is safe for concurrent use; more readings than configured wait.
type Reader struct {
	options Options
	slots   chan struct{}
}

// New makes a reader. Its process must call [Main] before anything else, in main as in TestMain.
func New(o Options) *Reader {
	o.Config = o.Config.WithDefaults()
	o.Bounds = o.Bounds.withDefaults(o.Config)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Reader{options: o, slots: make(chan struct{}, o.Config.Concurrency)}
}

// grace is how long after its own deadline a child may still answer.
const grace = 2 * time.Second

// Read fetches a repository and says what is in it. Errors wrap a [repository.Failure], or are those of the context.
func (r *Reader) Read(ctx context.Context, asked *provisov1.Repository) (*provisov1.Application, error) {
	if !armed.Load() {
		return nil, fmt.Errorf("%w: this program does not call reader.Main", repository.ErrReader)
	}
	request, err := r.options.Config.Request(asked)
	if err != nil {
		return nil, err
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return r.run(ctx, newTask(request, r.options.Config.Timeout))
}

// run starts the process, hands it the task and judges how it ended.
func (r *Reader) run(ctx context.Context, t task) (*provisov1.Application, error) {
	started := time.Now()
	input, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode task: %w", err)
	}
	dir, err := os.MkdirTemp("", "proviso-reader-")
	if err != nil {
		return nil, fmt.Errorf("%w: make folder: %w", repository.ErrReader, err)
	}
	defer os.RemoveAll(dir)
	bounded, cancel := context.WithTimeout(ctx, t.Timeout+grace)
	defer cancel()
	cmd, err := r.command(bounded, dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", repository.ErrReader, err)
	}
	stdout, stderr := &bound{left: answerBytes}, &ends{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), stdout, stderr
	// The kernel ends the child when the thread that started it ends, which otherwise may be sooner than this process.
	runtime.LockOSThread()
	err = cmd.Run()
	runtime.UnlockOSThread()
	_ = killGroup(cmd) // whatever the child may have started
	application, peak, err := r.judge(ctx, bounded, cmd, err, stdout, stderr)
	if r.options.Observe != nil {
		u := usage(cmd.ProcessState)
		if peak > 0 {
			u.RSSBytes = peak // the kernel's count begins with the parent's, from which the child was forked
		}
		u.Wall, u.Code = time.Since(started), repository.Code(err)
		r.options.Observe(u)
	}
	return application, err
}

func (r *Reader) command(ctx context.Context, dir string) (*exec.Cmd, error) {
	self, err := executable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	bounds, err := json.Marshal(r.options.Bounds)
	if err != nil {
		return nil, fmt.Errorf("encode bounds: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, argument, string(bounds))
	cmd.Args[0] = os.Args[0] // programs that are several in one tell by it which one they are
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + dir, "HOME=" + dir, "PATH=", "GODEBUG=netdns=go",
		fmt.Sprintf("GOMEMLIMIT=%d", int64(float64(r.options.Bounds.DataBytes)*softShare))}
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	isolate(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = time.Second
	return cmd, nil
}

// judge makes an application or a failure of how a child ended.
func (r *Reader) judge(asked, bounded context.Context, cmd *exec.Cmd, ended error, stdout *bound, stderr *ends) (application *provisov1.Application, peak int64, err error) {
	switch {
	case asked.Err() != nil && !errors.Is(asked.Err(), context.DeadlineExceeded):
		return nil, 0, asked.Err()
	case bounded.Err() != nil:
		return nil, 0, fmt.Errorf("%w: the process was ended", repository.ErrTooSlow)
	case stdout.over:
		return nil, 0, fmt.Errorf("%w: the answer is", repository.ErrTooLarge)
	case ended != nil:
		err := r.cause(cmd, stderr)
		r.options.Log.Warn("a process that read a repository ended badly", "state", ended.Error(), "code", repository.Code(err), "stderr", stderr.String())
		return nil, 0, err
	}
	var a answer
	if err := json.Unmarshal(stdout.kept, &a); err != nil {
		return nil, 0, fmt.Errorf("%w: its answer is none", repository.ErrReader)
	}
	if a.Code != "" {
		return nil, a.RSSBytes, &failed{repository.FailureOf(a.Code), a.Detail}
	}
	application, err = wire.DecodeLimit[*provisov1.Application](a.Application, wire.OwnServices, answerBytes)
	if err != nil {
		return nil, a.RSSBytes, fmt.Errorf("%w: its answer breaks the contract: %w", repository.ErrReader, err)
	}
	return application, a.RSSBytes, nil
}

// cause tells which bound a child met.
func (r *Reader) cause(cmd *exec.Cmd, stderr *ends) error {
	said := stderr.String()
	killed, memory := false, false
	if cmd.ProcessState != nil {
		killed = signalled(cmd.ProcessState)
	}
	// A thread needs memory for its stack too.
	for _, words := range []string{"out of memory", "cannot allocate memory", "stack exceeds", "stack overflow", "pthread_create failed", "failed to create new OS thread"} {
		memory = memory || strings.Contains(said, words)
	}
	switch {
	case memory:
		return fmt.Errorf("%w: reading it takes more memory than allowed", repository.ErrTooLarge)
	case killed && usage(cmd.ProcessState).CPU >= r.options.Bounds.CPU-time.Second:
		return fmt.Errorf("%w: reading it takes more processor time than allowed", repository.ErrTooSlow)
	case killed:
		return fmt.Errorf("%w: the process was ended by the system", repository.ErrTooLarge) // the kernel, when the machine's memory is used up
	}
	return repository.ErrReader
}

// failed is a failure that the child met, with its words for the log.
type failed struct {
	failure *repository.Failure
	detail  string
}

func (f *failed) Error() string { return f.detail }
func (f *failed) Unwrap() error { return f.failure }

// seconds rounds up; the kernel counts processor time in whole ones.
func seconds(d time.Duration) uint64 { return uint64(math.Ceil(d.Seconds())) }

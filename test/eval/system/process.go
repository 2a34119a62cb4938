package system

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// programs that make up a system, and the packages that they are built from.
var programs = map[string]string{
	"nats-server": "github.com/nats-io/nats-server/v2",
	"collector":   "./services/collector", "analyser": "./services/analyser", "builder": "./services/builder",
	"manager": "./services/manager", "gateway": "./services/gateway",
}

// Build builds every program of a system below the repository's root and returns the folder that holds them.
func Build(ctx context.Context, root string) (string, error) {
	dir := filepath.Join(root, ".build", "eval")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make folder for programs: %w", err)
	}
	for name, pkg := range programs {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, name), pkg)
		cmd.Dir = root
		if msg, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build %s: %w\n%s", pkg, err, msg)
		}
	}
	return dir, nil
}

// A process is one program of a system.
type process struct {
	cmd    *exec.Cmd
	output tail
	done   chan struct{}
}

// start runs a program with this environment and nothing else of the caller's but PATH and HOME.
func start(path string, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Env = append(env, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"))
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(path), err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// kill ends the process at once; a system is thrown away whole.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

var errEnded = errors.New("process ended")

// await tries until ready returns nil, the process ends, or ctx does.
func (p *process) await(ctx context.Context, ready func() error) error {
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%w: %s", errEnded, p.output.String())
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// answers reports whether a URL answers 200.
func answers(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("get %s: %w", url, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: %w", url, statusError(resp.StatusCode))
	}
	return nil
}

// freePort returns a TCP port on loopback that was free a moment ago.
func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil //nolint:forcetypeassert // a TCP listener has a TCP address
}

// tail keeps the end of what a process printed.
type tail struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

const tailSize = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if over := t.buf.Len() - tailSize; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

package reader_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/repository"
	"proviso.dev/services/collector/internal/repository/reader"
	"proviso.dev/services/collector/internal/repository/repotest"
)

// parentOf is a variable that makes the test binary a parent of one child, and nothing else.
const parentOf = "READER_TEST_PARENT_OF"

func TestMain(m *testing.M) {
	if url := os.Getenv(parentOf); url != "" {
		reader.Main(nil, misbehave) // it will be no child
		allowed, _ := repository.ParseAllowed("127.0.0.1")
		_, err := reader.New(reader.Options{Config: repository.Config{Allowed: allowed, HTTP: true}}).Read(context.Background(), &provisov1.Repository{Url: &url})
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if code, ok := reader.Main(os.Args, misbehave); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// misbehave reads a repository, and does what its file "do" says, as a library might that a repository drove mad.
func misbehave(ctx context.Context, files fs.FS, reading *provisov1.RepositoryReading) *provisov1.Application {
	a := &provisov1.Application{Name: "shop"}
	hint := func(text string) {
		a.Hints = append(a.Hints, &provisov1.Hint{Text: text, Evidence: &provisov1.Evidence{File: "do", Parser: "readme", Standing: "observed"}})
	}
	do, _ := fs.ReadFile(files, "do")
	switch word, rest, _ := strings.Cut(strings.TrimSpace(string(do)), " "); word {
	case "loop":
		for i := 0; ; i++ {
			runtime.KeepAlive(i)
		}
	case "hoard":
		var hoard [][]byte
		for {
			hoard = append(hoard, bytes.Repeat([]byte{1}, 1<<20))
			runtime.KeepAlive(hoard)
		}
	case "recurse":
		var down func(n int) int
		down = func(n int) int { return down(n+1) + n }
		hint(strconv.Itoa(down(0)))
	case "panic":
		panic("password: hunter2-in-a-panic")
	case "exit":
		os.Exit(7)
	case "chatter":
		for {
			fmt.Fprintln(os.Stderr, strings.Repeat("noise ", 1000))
		}
	case "flood":
		for {
			if _, err := os.Stdout.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
				return a
			}
		}
	case "invalid":
		a.Name = ""
	case "nothing":
		return nil
	case "environment":
		hint("environment " + strings.Join(os.Environ(), "\n"))
	case "write":
		err := os.WriteFile(filepath.Join(os.TempDir(), "large"), make([]byte, 200<<20), 0o600)
		hint(fmt.Sprint(err))
	case "spawn":
		if err := exec.Command("/bin/sh", "-c", "echo $$ >'"+rest+"'; exec sleep 600").Start(); err != nil {
			hint(err.Error())
		}
		<-ctx.Done()
	case "patient":
		<-ctx.Done()
	case "pid":
		_ = os.WriteFile(rest, []byte(strconv.Itoa(os.Getpid())), 0o600)
		<-ctx.Done()
	case "problems":
		for range 300 {
			a.Problems = append(a.Problems, &provisov1.ReadingProblem{Code: "syntax", Message: "x"})
		}
	}
	count, size := 0, 0
	_ = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			data, err := fs.ReadFile(files, path)
			if err != nil {
				return err
			}
			count, size = count+1, size+len(data)
		}
		return err
	})
	hint(fmt.Sprintf("%d files, %d bytes", count, size))
	return a
}

func options(t testing.TB) reader.Options {
	t.Helper()
	allowed, err := repository.ParseAllowed("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return reader.Options{Config: repository.Config{Allowed: allowed, HTTP: true, Timeout: 20 * time.Second}}
}

// serve serves a pack with files.
func serve(t testing.TB, files map[string]string) *provisov1.Repository {
	t.Helper()
	var p repotest.Pack
	head := p.Files(files)
	url := repotest.Serve(t, p.Bytes(), head)
	return &provisov1.Repository{Url: &url}
}

// Shows: T-3.3.5-125
func TestRead(t *testing.T) {
	var seen reader.Usage
	o := options(t)
	o.Observe = func(u reader.Usage) { seen = u }
	asked := serve(t, map[string]string{"Dockerfile": "FROM scratch\n", "k8s/app.yaml": "kind: Pod\n", ".git": "no\n"})
	got, err := reader.New(o).Read(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Validate(got); err != nil {
		t.Error(err)
	}
	if got.GetHints()[0].GetText() != "2 files, 23 bytes" || got.GetRepository().GetUrl() != asked.GetUrl() || got.GetRepository().GetFiles() != 2 || len(got.GetRepository().GetCommit()) != 40 {
		t.Errorf("got %v", got)
	}
	if len(got.GetProblems()) != 1 || got.GetProblems()[0].GetCode() != "name" {
		t.Errorf("problems: %v", got.GetProblems())
	}
	if seen.RSSBytes == 0 || seen.CPU == 0 || seen.Wall == 0 || seen.Code != "" {
		t.Errorf("usage: %+v", seen)
	}
	t.Logf("usage: %+v", seen)
}

// A process that goes mad is a failed source, never a failed collector.
//
// Shows: T-3.3.5-125
func TestBounds(t *testing.T) {
	tests := map[string]struct {
		reason string
		do     string
		change func(*reader.Options)
		want   error
	}{
		"Loop":    {"wall time ends what never looks at its context", "loop", func(o *reader.Options) { o.Config.Timeout, o.Bounds.CPU = time.Second, time.Minute }, repository.ErrTooSlow},
		"CPU":     {"so does processor time", "loop", func(o *reader.Options) { o.Bounds.CPU = time.Second }, repository.ErrTooSlow},
		"Hoard":   {"memory ends", "hoard", func(o *reader.Options) { o.Bounds.DataBytes = 256 << 20 }, repository.ErrTooLarge},
		"Recurse": {"stacks end", "recurse", nil, repository.ErrTooLarge},
		"Panic":   {"a defect of a parser", "panic", nil, repository.ErrReader},
		"Exit":    {"a library that ends the process", "exit", nil, repository.ErrReader},
		"Chatter": {"noise is not kept", "chatter", func(o *reader.Options) { o.Config.Timeout = time.Second }, repository.ErrTooSlow},
		"Flood":   {"an answer without end", "flood", nil, repository.ErrTooLarge},
		"Invalid": {"an answer that breaks the contract", "invalid", nil, repository.ErrReader},
		"Nothing": {"no answer", "nothing", nil, repository.ErrReader},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if name == "Hoard" && (runtime.GOOS != "linux" || race) {
				t.Skip("memory is bounded by the kernel on Linux only, and not with the race detector")
			}
			var log bytes.Buffer
			var seen reader.Usage
			o := options(t)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			o.Observe = func(u reader.Usage) { seen = u }
			if tc.change != nil {
				tc.change(&o)
			}
			started := time.Now()
			got, err := reader.New(o).Read(t.Context(), serve(t, map[string]string{"do": tc.do}))
			if !errors.Is(err, tc.want) {
				t.Fatalf("%s: want %v, got %v and %v", tc.reason, tc.want, got, err)
			}
			if took := time.Since(started); took > 30*time.Second {
				t.Errorf("%s: took %s", tc.reason, took)
			}
			for _, text := range []string{err.Error(), log.String()} {
				if strings.Contains(text, "hunter2") || len(text) > 40_000 {
					t.Errorf("%s: said %d bytes: %.200s", tc.reason, len(text), text)
				}
			}
			t.Logf("%v: %+v", err, seen)
		})
	}
}

// What a library starts, although nothing should, ends with the child.
func TestGroupEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	o := options(t)
	o.Config.Timeout = time.Second
	if _, err := reader.New(o).Read(t.Context(), serve(t, map[string]string{"do": "spawn " + file})); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gone(t, strings.TrimSpace(string(data)))
}

// The child ends with its parent, even when that is killed.
func TestDiesWithParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child of its parent's death")
	}
	file := filepath.Join(t.TempDir(), "pid")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentOf+"="+serve(t, map[string]string{"do": "pid " + file}).GetUrl())
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid []byte
	for deadline := time.Now().Add(20 * time.Second); len(pid) == 0 && time.Now().Before(deadline); {
		pid, _ = os.ReadFile(file)
		runtime.Gosched()
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed, as it says
	if len(pid) == 0 {
		t.Fatal("the child never came to read")
	}
	gone(t, string(pid))
}

// gone waits until a process has ended.
func gone(t *testing.T, pid string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || bytes.Contains(stat, []byte(") Z ")) { // gone, or dead and waiting for somebody to ask
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %s lives: %s", pid, stat)
		}
		runtime.Gosched()
	}
}

func TestChildHasNothingOfTheParent(t *testing.T) {
	t.Setenv("PROVISO_PVE_TOKEN", "root@pam!x=very-secret")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	got, err := reader.New(options(t)).Read(t.Context(), serve(t, map[string]string{"do": "environment"}))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(got.GetHints()[0].GetText(), "\n") {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "environment "), "=")
		switch name {
		case "TMPDIR", "HOME", "PATH", "GODEBUG", "GOMEMLIMIT", "SSL_CERT_FILE", "SSL_CERT_DIR":
		default:
			t.Errorf("the child has %s", name)
		}
	}
}

func TestChildCannotFillTheDisk(t *testing.T) {
	got, err := reader.New(options(t)).Read(t.Context(), serve(t, map[string]string{"do": "write"}))
	if err != nil {
		t.Fatal(err)
	}
	if text := got.GetHints()[0].GetText(); !strings.Contains(text, "file too large") {
		t.Errorf("200 MiB were written: %s", text)
	}
}

// What was read before the time was up counts.
func TestCutShort(t *testing.T) {
	o := options(t)
	o.Config.Timeout = 2 * time.Second
	got, err := reader.New(o).Read(t.Context(), serve(t, map[string]string{"do": "patient"}))
	if err != nil {
		t.Fatal(err)
	}
	if p := got.GetProblems(); len(p) != 1 || p[0].GetCode() != "too_slow" {
		t.Errorf("problems: %v", p)
	}
}

func TestProblemsStayWithinTheContract(t *testing.T) {
	got, err := reader.New(options(t)).Read(t.Context(), serve(t, map[string]string{"do": "problems", ".git": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.GetProblems()); n != 256 || got.GetProblems()[0].GetCode() != "name" {
		t.Errorf("%d problems, the first %v", n, got.GetProblems()[0])
	}
}

// A cancelled run takes its processes along.
func TestCancel(t *testing.T) {
	asked := make(chan struct{})
	release := make(chan struct{})
	url := repotest.Handle(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	started := time.Now()
	_, err := reader.New(options(t)).Read(ctx, &provisov1.Repository{Url: &url})
	if !errors.Is(err, context.Canceled) || time.Since(started) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(started), err)
	}
}

// What fetching says comes through the pipe as what it is.
func TestFailuresCross(t *testing.T) {
	read := reader.New(options(t))
	closed := "http://127.0.0.1:1/shop.git"
	private := "http://10.255.255.1/shop.git"
	missing := repotest.Handle(t, http.NotFound)
	locked := repotest.Handle(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	page := repotest.Handle(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<h1>Sign in</h1>")
	})
	ssh := "git@127.0.0.1:shop.git"
	file := "file:///etc"
	for url, want := range map[string]error{closed: repository.ErrUnreachable, private: repository.ErrRefused, missing: repository.ErrNotFound,
		locked: repository.ErrCredentials, page: repository.ErrNotGit, ssh: repository.ErrHostKey, file: repository.ErrInvalid} {
		if _, err := read.Read(t.Context(), &provisov1.Repository{Url: &url}); !errors.Is(err, want) {
			t.Errorf("%s: want %v, got %v", url, want, err)
		}
	}
}

// BenchmarkRead is what a reading costs beside fetching: a repository of one file on this machine.
func BenchmarkRead(b *testing.B) {
	read := reader.New(options(b))
	asked := serve(b, map[string]string{"Dockerfile": "FROM scratch\n"})
	for b.Loop() {
		if _, err := read.Read(b.Context(), asked); err != nil {
			b.Fatal(err)
		}
	}
}

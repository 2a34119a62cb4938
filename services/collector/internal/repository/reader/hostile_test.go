package reader_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/pktline"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/repository"
	"proviso.dev/services/collector/internal/repository/reader"
	"proviso.dev/services/collector/internal/repository/repotest"
)

// The most that any hostile repository may take under the default bounds. Time is the processor's: a test shares its machine.
const (
	hostileCPU = 10 * time.Second
	hostileRSS = 160 << 20
)

// Each repository is built to hurt; each ends soon, in little memory, with a reason or with problems.
//
// Shows: T-3.3.5-125
func TestHostileRepositories(t *testing.T) {
	tests := map[string]struct {
		reason   string
		make     func(*testing.T, *repotest.Pack)
		err      error
		problems []string      // codes that must be among them
		read     string        // hint of what was read
		cpu      time.Duration // at most; 0: hostileCPU
	}{
		"BombDeclared": {
			reason: "10 GiB in one file, as its header says: refused before it is inflated",
			make: func(t *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), "x")
				p.Raw(plumbing.BlobObject, 10<<30, repotest.Bomb(t, 10<<10))
			},
			err: repository.ErrTooLarge, cpu: 2 * time.Second,
		},
		"BombHidden": {
			reason: "10 GiB in a file that says it has ten bytes: ended at the eleventh",
			make: func(t *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), "x")
				p.Raw(plumbing.BlobObject, 10, repotest.Bomb(t, 10<<10))
			},
			err: repository.ErrCorrupt, cpu: 2 * time.Second,
		},
		"BombWithin": {
			reason: "400 MiB in one file, below the bound for all: inflated once, piece by piece, and left out",
			make: func(_ *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a")), repotest.File("sparse.img", p.Zeros(400))), "x")
			},
			problems: []string{"too_large"}, read: "1 files, 1 bytes",
		},
		"BombMany": {
			reason: "2,000 files of 1 MiB each in 3 MB: ended at the bound for all",
			make: func(_ *testing.T, p *repotest.Pack) {
				zeros := repotest.Deflate(make([]byte, 1<<20))
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), "x")
				for range 2000 {
					p.Raw(plumbing.BlobObject, 1<<20, zeros)
				}
			},
			err: repository.ErrTooLarge,
		},
		"BombDelta": {
			reason: "deltas of some bytes that make 1 MiB each: counted by what they make",
			make: func(_ *testing.T, p *repotest.Pack) {
				base := p.Blob(strings.Repeat("0123456789abcdef", 4096))
				p.Commit(p.Tree(repotest.File("a", base)), "x")
				for range 3000 {
					p.Delta(base, repotest.CopyDelta(65536, 1<<20))
				}
			},
			err: repository.ErrTooLarge,
		},
		"BombDeltaOne": {
			reason: "a delta that makes 10 GiB: its size is read before it is applied",
			make: func(_ *testing.T, p *repotest.Pack) {
				base := p.Blob(strings.Repeat("0123456789abcdef", 4096))
				p.Commit(p.Tree(repotest.File("a", base), repotest.File("b", plumbing.ComputeHash(plumbing.BlobObject, []byte("no")))), "x")
				p.Delta(base, repotest.CopyDelta(65536, 10<<30))
			},
			problems: []string{"too_large"}, read: "1 files, 65536 bytes", cpu: 2 * time.Second,
		},
		"DeltaCycle": {
			reason: "two deltas to one another: neither has a name, and nobody waits",
			make: func(_ *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), "x")
				p.Delta(plumbing.NewHash(strings.Repeat("1", 40)), repotest.CopyDelta(1, 1))
				p.Delta(plumbing.NewHash(strings.Repeat("2", 40)), repotest.CopyDelta(1, 1))
			},
			read: "1 files, 1 bytes", cpu: 2 * time.Second,
		},
		"MillionFiles": {
			reason: "1,000 folders of 1,000 files that are all one: 3 objects and a pack of some KiB",
			make: func(_ *testing.T, p *repotest.Pack) {
				blob := p.Blob("a: b\n")
				var files, folders []repotest.Entry
				for i := range 1000 {
					files = append(files, repotest.File(fmt.Sprintf("f%04d.yaml", i), blob))
				}
				below := p.Tree(files...)
				for i := range 1000 {
					folders = append(folders, repotest.Dir(fmt.Sprintf("d%04d", i), below))
				}
				p.Commit(p.Tree(folders...), "x")
			},
			problems: []string{"too_many"}, read: "20000 files, 100000 bytes",
		},
		"MillionShared": {
			reason: "20,000 paths to one file of 1 MiB: paths count, not objects",
			make: func(_ *testing.T, p *repotest.Pack) {
				blob := p.Blob(strings.Repeat("a", 1<<20))
				var files []repotest.Entry
				for i := range 15000 {
					files = append(files, repotest.File(fmt.Sprintf("f%05d.yaml", i), blob))
				}
				p.Commit(p.Tree(files...), "x")
			},
			problems: []string{"too_large"}, read: "128 files, 134217728 bytes",
		},
		"Exponential": {
			reason: "40 folders that hold the next one twice: 2^40 paths of 42 objects",
			make: func(_ *testing.T, p *repotest.Pack) {
				tree := p.Tree(repotest.File("a", p.Blob("a")))
				for range 40 {
					tree = p.Tree(repotest.Dir("l", tree), repotest.Dir("r", tree))
				}
				p.Commit(tree, "x")
			},
			problems: []string{"too_many"}, read: "0 files, 0 bytes",
		},
		"ExponentialLong": {
			reason: "the same with names of 240 letters: paths are memory",
			make: func(_ *testing.T, p *repotest.Pack) {
				tree := p.Tree(repotest.File("a", p.Blob("a")))
				for range 3 {
					var entries []repotest.Entry
					for i := range 100 {
						entries = append(entries, repotest.Dir(fmt.Sprintf("%s%03d", strings.Repeat("d", 240), i), tree))
					}
					tree = p.Tree(entries...)
				}
				p.Commit(tree, "x")
			},
			problems: []string{"too_many"}, read: "0 files, 0 bytes",
		},
		"ExponentialHeavy": {
			reason: "12 folders twice within one another, with lists of 7 MiB: what is looked through counts by its bytes",
			make: func(_ *testing.T, p *repotest.Pack) {
				tree := p.Tree(repotest.File("a", p.Blob("a")))
				long := repotest.File(strings.Repeat("z", 7<<20), p.Blob("a"))
				for range 12 {
					tree = p.Tree(repotest.Dir("a", tree), repotest.Dir("b", tree), long)
				}
				p.Commit(tree, "x")
			},
			problems: []string{"too_large"}, read: "0 files, 0 bytes",
		},
		"Deep": {
			reason: "1,000 folders within one another",
			make: func(_ *testing.T, p *repotest.Pack) {
				tree := p.Tree(repotest.File("a", p.Blob("a")))
				for range 1000 {
					tree = p.Tree(repotest.Dir("d", tree), repotest.File("f", p.Blob("f")))
				}
				p.Commit(tree, "x")
			},
			problems: []string{"too_many"}, read: "32 files, 32 bytes",
		},
		"Wide": {
			reason: "a folder of 150,000 files: its list is cut",
			make: func(_ *testing.T, p *repotest.Pack) {
				blob := p.Blob("")
				var files []repotest.Entry
				for i := range 150000 {
					files = append(files, repotest.File(fmt.Sprintf("f%06d", i), blob))
				}
				p.Commit(p.Tree(repotest.File("a", p.Blob("a")), repotest.Dir("wide", p.Tree(files...))), "x")
			},
			problems: []string{"too_many"},
		},
		"Names": {
			reason: "names that are paths, Git's folder, or lines for a terminal",
			make: func(_ *testing.T, p *repotest.Pack) {
				h := p.Blob("x")
				sub := p.Tree(repotest.File("config", h))
				p.Commit(p.Tree(repotest.File("", h), repotest.File("..", h), repotest.File(".", h), repotest.File("../../etc/cron.d/x", h), repotest.File("/etc/passwd", h),
					repotest.File("a\\..\\b", h), repotest.File("new\nline", h), repotest.File("\x1b]0;title\x07", h), repotest.File("right\u202etxt.exe", h),
					repotest.File("\xff\xfe", h), repotest.Dir(".git", sub), repotest.Dir(".GIT", sub), repotest.Dir("git~1", sub), repotest.Dir(".git. ", sub),
					repotest.Dir(".git::$INDEX_ALLOCATION", sub), repotest.Dir(".g\u200cit", sub), repotest.File(strings.Repeat("n", 300), h),
					repotest.File("good", h), repotest.File("Good", h), repotest.File("good", p.Blob("another"))), "x")
			},
			problems: []string{"name"}, read: "2 files, 2 bytes",
		},
		"Links": {
			reason: "links that lead out, to themselves, or are megabytes long",
			make: func(_ *testing.T, p *repotest.Pack) {
				link := func(name, to string) repotest.Entry {
					return repotest.Entry{Mode: "120000", Name: name, Hash: p.Blob(to)}
				}
				p.Commit(p.Tree(link("abs", "/etc/passwd"), link("far", strings.Repeat("../", 300000)), link("in", "good"), link("loop", "loop"),
					link("up", "../../../etc/shadow"), repotest.File("good", p.Blob("x"))), "x")
			},
			problems: []string{"link", "outside"}, read: "1 files, 1 bytes",
		},
		"Kinds": {
			reason: "entries that say they are what they are not",
			make: func(_ *testing.T, p *repotest.Pack) {
				blob := p.Blob("x")
				tree := p.Tree(repotest.File("f", blob))
				p.Commit(p.Tree(repotest.Dir("blob", blob), repotest.File("tree", tree), repotest.Entry{Mode: "777", Name: "odd", Hash: blob},
					repotest.File("gone", plumbing.NewHash(strings.Repeat("3", 40))), repotest.Dir("nothing", plumbing.NewHash(strings.Repeat("4", 40))),
					repotest.Entry{Mode: "160000", Name: "module", Hash: blob}), "x")
			},
			problems: []string{"syntax", "remote"}, read: "0 files, 0 bytes",
		},
		"BrokenTree": {
			reason: "a folder's list that is noise",
			make: func(_ *testing.T, p *repotest.Pack) {
				p.Commit(p.Object(plumbing.TreeObject, []byte("100644 a\x00short")), "x")
			},
			problems: []string{"syntax"}, read: "0 files, 0 bytes",
		},
		"LongMessage": {
			reason: "a commit with a message of 7 MiB",
			make: func(_ *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), strings.Repeat("message\n", 900_000))
			},
			read: "1 files, 1 bytes", cpu: 2 * time.Second,
		},
		"LongerMessage": {
			reason: "and with one of 16 MiB, which is more than a commit may have",
			make: func(_ *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), strings.Repeat("message\n", 2<<20))
			},
			err: repository.ErrTooLarge, cpu: 2 * time.Second,
		},
		"OtherCommit": {
			reason: "the pack does not hold what was promised",
			make: func(_ *testing.T, p *repotest.Pack) {
				p.Commit(p.Tree(repotest.File("a", p.Blob("a"))), "x")
				p.Head = plumbing.NewHash(strings.Repeat("5", 40))
			},
			err: repository.ErrCorrupt, cpu: 2 * time.Second,
		},
		"HeadIsBlob": {
			reason: "the branch names a file",
			make:   func(_ *testing.T, p *repotest.Pack) { p.Head = p.Blob("x") },
			err:    repository.ErrReferenceNotFound, cpu: 2 * time.Second,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var p repotest.Pack
			tc.make(t, &p)
			url := repotest.Serve(t, p.Bytes(), p.Head)
			got, seen, err := readHostile(t, url)
			t.Logf("%v; %v; wall %s, CPU %s, %d MiB", err, read(got), seen.Wall.Round(time.Millisecond), seen.CPU.Round(time.Millisecond), seen.RSSBytes>>20)
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s: want %v, got %v", tc.reason, tc.err, err)
			}
			most := hostileCPU
			if tc.cpu > 0 {
				most = tc.cpu
			}
			if seen.CPU > most*slower || seen.RSSBytes > hostileRSS && !race {
				t.Errorf("%s: it took %s and %d MiB", tc.reason, seen.CPU, seen.RSSBytes>>20)
			}
			if err != nil {
				return
			}
			codes := map[string]bool{}
			for _, problem := range got.GetProblems() {
				codes[problem.GetCode()] = true
				if strings.ContainsFunc(problem.GetFile(), func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e }) || strings.Contains(problem.GetFile(), "..") {
					t.Errorf("a problem shows the name %q", problem.GetFile())
				}
			}
			for _, code := range tc.problems {
				if !codes[code] {
					t.Errorf("%s: no problem %q in %v", tc.reason, code, got.GetProblems())
				}
			}
			if len(tc.problems) == 0 && len(codes) > 0 {
				t.Errorf("%s: problems %v", tc.reason, got.GetProblems())
			}
			if tc.read != "" && read(got) != tc.read {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.read, read(got))
			}
		})
	}
}

func read(a *provisov1.Application) string {
	if len(a.GetHints()) == 0 {
		return "nothing"
	}
	return a.GetHints()[0].GetText()
}

// readHostile reads without telling the server that large files are to be left out: it would not listen.
func readHostile(t *testing.T, url string) (*provisov1.Application, reader.Usage, error) {
	t.Helper()
	var seen reader.Usage
	o := options(t)
	o.Config.Timeout = time.Minute * slower
	o.Observe = func(u reader.Usage) { seen = u }
	got, err := reader.New(o).Read(t.Context(), &provisov1.Repository{Url: &url})
	return got, seen, err
}

// Each server is there to hurt.
//
// Shows: T-3.3.5-125
func TestHostileServers(t *testing.T) {
	var good repotest.Pack
	good.Files(map[string]string{"a": "a"})
	pack := good.Bytes()
	broken := bytes.Clone(pack)
	broken[len(broken)-30] ^= 0x55
	post := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				repotest.Advertise(w, good.Head)
				return
			}
			answer(w, r)
		}
	}
	redirect := func(to string, code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.ReplaceAll(to, "SELF", r.Host)+"/info/refs?service=git-upload-pack", code)
		}
	}
	tests := map[string]struct {
		reason string
		serve  http.HandlerFunc
		want   error
	}{
		"Metadata":     {"a redirect to where clouds keep credentials", redirect("http://169.254.169.254/latest", http.StatusFound), repository.ErrRefused},
		"Home":         {"a redirect into a network at home", redirect("http://192.168.0.1/x", http.StatusMovedPermanently), repository.ErrRefused},
		"FileScheme":   {"a redirect to a file", redirect("file:///etc/passwd", http.StatusFound), repository.ErrRefused},
		"Loop":         {"a redirect without end", redirect("http://SELF/again", http.StatusFound), repository.ErrUnreachable},
		"UserInfo":     {"a redirect that brings a login", redirect("http://ann:secret@SELF/again", http.StatusFound), repository.ErrRefused},
		"Elsewhere":    {"a redirect to another page", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, repository.ErrNotGit},
		"PostRedirect": {"a redirect of the second request", post(redirect("http://SELF/again", http.StatusTemporaryRedirect)), repository.ErrNotGit},
		"HTML":         {"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, repository.ErrNotGit},
		"HTMLPosing": {"a page that says it is Git", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			fmt.Fprint(w, strings.Repeat("<html>", 1000))
		}, repository.ErrNotGit},
		"Truncated": {"a pack that ends early", post(func(w http.ResponseWriter, _ *http.Request) {
			repotest.Answer(w, good.Head, bytes.NewReader(pack[:len(pack)-40]))
		}), repository.ErrCorrupt},
		"Broken": {"a pack with another byte in it", post(func(w http.ResponseWriter, _ *http.Request) { repotest.Answer(w, good.Head, bytes.NewReader(broken)) }), repository.ErrCorrupt},
		"Empty":  {"no pack", post(func(w http.ResponseWriter, _ *http.Request) { repotest.Answer(w, good.Head, strings.NewReader("")) }), repository.ErrCorrupt},
		"Endless": {"a pack without end", post(func(w http.ResponseWriter, _ *http.Request) {
			repotest.Answer(w, good.Head, endless{})
		}), repository.ErrTooLarge},
		"EndlessRefs": {"branches without end", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			e := pktline.NewEncoder(w)
			err := e.Encodef("%040x refs/heads/first\x00shallow\n", 1)
			for i := 0; err == nil; i++ {
				err = e.Encodef("%040x refs/heads/%07d\n", i+1, i)
			}
		}, repository.ErrTooLarge},
		"EndlessProgress": {"progress without end", post(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
			fmt.Fprintf(w, "0035shallow %s\n00000008NAK\n", good.Head)
			line := append([]byte("ea65\x02"), bytes.Repeat([]byte("."), 60000)...)
			for {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}), repository.ErrTooLarge},
		"EndlessHeader": {"a header without end", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}, repository.ErrUnreachable},
		"Hangup": {"a server that hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, repository.ErrUnreachable},
		"Busy":   {"a server that cannot", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, repository.ErrUnreachable},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, seen, err := readHostile(t, repotest.Handle(t, tc.serve))
			t.Logf("%v; wall %s, %d MiB", err, seen.Wall.Round(time.Millisecond), seen.RSSBytes>>20)
			if !errors.Is(err, tc.want) {
				t.Fatalf("%s: want %v, got %v and %v", tc.reason, tc.want, got, err)
			}
			if seen.CPU > hostileCPU*slower || seen.RSSBytes > hostileRSS && !race {
				t.Errorf("%s: it took %s and %d MiB", tc.reason, seen.CPU, seen.RSSBytes>>20)
			}
		})
	}
}

// A server that sends a byte now and then is left when the time is up.
func TestSlowServer(t *testing.T) {
	url := repotest.Handle(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		_, _ = io.WriteString(w, "fff0")
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_, _ = io.WriteString(w, "#")
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	o := options(t)
	o.Config.Timeout = time.Second
	started := time.Now()
	_, err := reader.New(o).Read(t.Context(), &provisov1.Repository{Url: &url})
	if !errors.Is(err, repository.ErrTooSlow) {
		t.Error(err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

package reader

import (
	"encoding/json"
	"time"

	"proviso.dev/pkg/redact"
	"proviso.dev/services/collector/internal/repository"
)

// argument, as the first one, makes a process the child. The second are its bounds.
const argument = "read-repository"

// Bounds are what the kernel enforces on the child.
type Bounds struct {
	// DataBytes is memory that is not shared, in bytes. 0: 640 MiB.
	DataBytes uint64 `json:"data"`
	// CPU is processor time of all threads together; whole seconds. 0: the reader's timeout.
	CPU time.Duration `json:"cpu"`
	// FileBytes is the largest file that it may write. 0: what a pack may have, and 1 MiB.
	FileBytes uint64 `json:"file"`
	// Files are open files. 0: 64.
	Files uint64 `json:"files"`
}

// withDefaults fills in what is 0.
func (b Bounds) withDefaults(c repository.Config) Bounds {
	c = c.WithDefaults()
	if b.DataBytes == 0 {
		b.DataBytes = defaultDataBytes
	}
	if b.CPU == 0 {
		b.CPU = c.Timeout
	}
	if b.FileBytes == 0 {
		b.FileBytes = uint64(c.PackBytes) + 1<<20
	}
	if b.Files == 0 {
		b.Files = defaultFiles
	}
	return b
}

const (
	defaultFiles     = 64
	defaultDataBytes = 640 << 20
	softShare        = 0.6      // of the memory, from which on the collector of garbage works harder
	maxStack         = 64 << 20 // of one goroutine: parsers recurse
	taskBytes        = 4 << 20
	answerBytes      = 8 << 20
	errorBytes       = 8 << 10 // of what the child writes to standard error, the first and the last
	problemsMost     = 256     // as the contract has it
)

// task is what the child gets on standard input. Unlike everything else it carries secrets in plain: it crosses one pipe
// between two processes of one program and is never stored.
type task struct {
	URL          string            `json:"url"`
	Ref          string            `json:"ref"`
	Subdirectory string            `json:"subdirectory"`
	Allowed      string            `json:"allowed"`
	HTTP         bool              `json:"http"`
	CAPEM        []byte            `json:"ca"`
	KnownHosts   []byte            `json:"known_hosts"`
	Username     string            `json:"username"`
	Secret       string            `json:"secret"`
	Key          bool              `json:"key"`
	Limits       repository.Limits `json:"limits"`
	Timeout      time.Duration     `json:"timeout"`
}

func newTask(r repository.Request, timeout time.Duration) task {
	t := task{URL: r.URL, Ref: r.Ref, Subdirectory: r.Subdirectory, Allowed: r.Access.Allowed.String(), HTTP: r.Access.HTTP, CAPEM: r.Access.CAPEM,
		KnownHosts: r.Access.KnownHosts, Limits: r.Limits, Timeout: timeout}
	if r.Login != nil {
		t.Username, t.Secret, t.Key = r.Login.Username, r.Login.Secret.Reveal(), r.Login.Key
	}
	return t
}

func (t task) request() (repository.Request, error) {
	allowed, err := repository.ParseAllowed(t.Allowed)
	if err != nil {
		return repository.Request{}, err
	}
	r := repository.Request{URL: t.URL, Ref: t.Ref, Subdirectory: t.Subdirectory, Limits: t.Limits,
		Access: repository.Access{Allowed: allowed, HTTP: t.HTTP, CAPEM: t.CAPEM, KnownHosts: t.KnownHosts}}
	if t.Username != "" {
		r.Login = &repository.Login{Username: t.Username, Secret: redact.Secret(t.Secret), Key: t.Key}
	}
	return r, nil
}

// answer is what the child writes to standard output: an application, or the code of a failure with words for the log.
type answer struct {
	Application json.RawMessage `json:"application,omitempty"`
	Code        string          `json:"code,omitempty"`
	Detail      string          `json:"detail,omitempty"`
	RSSBytes    int64           `json:"rss,omitempty"` // at most; 0: not known
}

package apifacts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
)

//go:embed pve-api-8.4.json.gz pve-api-9.1.json.gz
var files embed.FS

// A Release names one set of facts.
type Release string

// The releases with facts.
const (
	PVE8 Release = "8.4"
	PVE9 Release = "9.1"
)

var loaded = map[Release]func() (*API, error){
	PVE8: sync.OnceValues(func() (*API, error) { return read(PVE8) }),
	PVE9: sync.OnceValues(func() (*API, error) { return read(PVE9) }),
}

// Load returns the facts of a release. It reads them once; the result is shared and safe for concurrent use.
func Load(r Release) (*API, error) {
	load, ok := loaded[r]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownRelease, r)
	}
	return load()
}

// An API is the schema of one release.
type API struct {
	endpoints []*Endpoint
	root      *segment
	options   map[string]*optionTable
}

// Endpoints returns every method of every path, in the order of the facts.
func (a *API) Endpoints() []*Endpoint { return a.endpoints }

// An Endpoint is one method of one path. Its definition is decoded when it is first asked for: a process uses a few dozen
// of six hundred.
type Endpoint struct {
	Path   string // template, for example "/nodes/{node}/qemu/{vmid}/config"
	Method string

	api  *API
	once sync.Once
	line []byte
	def  definition
	// indexed holds the parameters whose key ends in a number, by the stem of the key: "net[n]" under "net".
	indexed map[string]*Param
}

type definition struct {
	Name        string            `json:"name"`
	AllowToken  bool              `json:"allowtoken"`
	Protected   bool              `json:"protected"`
	ProxyTo     string            `json:"proxyto"`
	Permissions *Permissions      `json:"permissions"`
	Additional  *bool             `json:"additional"`
	Parameters  map[string]*Param `json:"parameters"`
}

// Permissions is what a method asks of its caller.
type Permissions struct {
	// Check is an expression such as ["perm","/vms/{vmid}",["VM.Audit"]]; nil when User decides. Package twin evaluates it.
	Check json.RawMessage `json:"check"`
	// User is "all" for any authenticated caller, "world" for anybody, empty when Check decides.
	User string `json:"user"`
}

// segment is a node of the tree of paths. A variable matches exactly one segment, except the last one of a volume id,
// whose slash travels escaped and so is one segment too.
type segment struct {
	literal  map[string]*segment
	variable *segment
	name     string // of the variable
	methods  map[string]*Endpoint
}

// read builds the routes from the facts, which hold one endpoint or option table per line, so that the bulk of the JSON
// need not be decoded here.
func read(r Release) (*API, error) {
	packed, err := files.ReadFile("pve-api-" + string(r) + ".json.gz")
	if err != nil {
		return nil, fmt.Errorf("open API facts: %w", err)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack API facts: %w", err)
	}
	a := &API{root: &segment{}, options: map[string]*optionTable{}}
	lines := bufio.NewScanner(unzip)
	lines.Buffer(make([]byte, 0, 128<<10), 1<<20)
	for lines.Scan() {
		line := bytes.TrimRight(lines.Bytes(), ",")
		switch {
		case bytes.HasPrefix(line, []byte(`"o`)) && bytes.HasSuffix(line, []byte("}}")),
			bytes.HasPrefix(line, []byte(`"o`)) && bytes.HasSuffix(line, []byte("}}}")):
			id, body, ok := bytes.Cut(line, []byte(`":`))
			if !ok || string(id) == `"options` {
				continue
			}
			a.options[string(id[1:])] = &optionTable{line: firstObject(body)}
		case bytes.HasPrefix(line, []byte(`{"path":"`)):
			if err := a.add(firstObject(line)); err != nil {
				return nil, err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read API facts: %w", err)
	}
	return a, nil
}

// firstObject copies the JSON object at the start of line; what follows closes the enclosing file.
func firstObject(line []byte) []byte {
	depth, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return bytes.Clone(line[:i+1])
			}
		}
	}
	return bytes.Clone(line)
}

func (a *API) add(line []byte) error {
	path, rest, ok := bytes.Cut(line[len(`{"path":"`):], []byte(`","method":"`))
	method, _, ok2 := bytes.Cut(rest, []byte(`"`))
	if !ok || !ok2 {
		return fmt.Errorf("read API facts: line without path and method: %.80s", line)
	}
	e := &Endpoint{Path: string(path), Method: string(method), api: a, line: line}
	at := a.root
	for part := range strings.SplitSeq(strings.Trim(e.Path, "/"), "/") {
		at = at.child(part)
	}
	if at.methods == nil {
		at.methods = map[string]*Endpoint{}
	}
	at.methods[e.Method] = e
	a.endpoints = append(a.endpoints, e)
	return nil
}

func (s *segment) child(part string) *segment {
	if strings.HasPrefix(part, "{") {
		if s.variable == nil {
			s.variable = &segment{name: strings.Trim(part, "{}")}
		}
		return s.variable
	}
	if s.literal == nil {
		s.literal = map[string]*segment{}
	}
	next, ok := s.literal[part]
	if !ok {
		next = &segment{}
		s.literal[part] = next
	}
	return next
}

// Route finds the method of an escaped path below /api2/json, with the unescaped path variables. Slashes at the end do
// not matter. The error is ErrNotImplemented.
func (a *API) Route(method, escapedPath string) (*Endpoint, map[string]string, error) {
	at, variables := a.root, map[string]string{}
	for part := range strings.SplitSeq(strings.Trim(escapedPath, "/"), "/") {
		value, err := url.PathUnescape(part)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: unescape path: %w", ErrNotImplemented, err)
		}
		if next, ok := at.literal[value]; ok {
			at = next
			continue
		}
		if at.variable == nil {
			return nil, nil, ErrNotImplemented
		}
		at = at.variable
		variables[at.name] = value
	}
	e, ok := at.methods[method]
	if !ok {
		return nil, nil, ErrNotImplemented
	}
	return e, variables, nil
}

func (e *Endpoint) definition() *definition {
	e.once.Do(func() {
		if err := json.Unmarshal(e.line, &e.def); err != nil {
			// The facts are compiled in and a test decodes every line: this is a broken build.
			panic(fmt.Sprintf("API facts of %s %s: %v", e.Method, e.Path, err))
		}
		e.line = nil
		e.indexed = map[string]*Param{}
		for key, p := range e.def.Parameters {
			if p.Indexed {
				e.indexed[strings.TrimSuffix(key, "[n]")] = p
			}
		}
	})
	return &e.def
}

// Permissions returns what the method asks of its caller; nil means that only root may call it.
func (e *Endpoint) Permissions() *Permissions { return e.definition().Permissions }

// AllowsToken reports whether an API token may call the method.
func (e *Endpoint) AllowsToken() bool { return e.definition().AllowToken }

// ProxiedToNode reports whether the node named in the path answers, wherever the request arrives.
func (e *Endpoint) ProxiedToNode() bool { return e.definition().ProxyTo == "node" }

// Param returns the definition of a parameter by the key as sent, for example "net0".
func (e *Endpoint) Param(key string) (*Param, bool) {
	def := e.definition()
	if p, ok := def.Parameters[key]; ok && !p.Indexed {
		return p, true
	}
	stem := strings.TrimRight(key, "0123456789")
	if len(stem) == len(key) || len(key)-len(stem) > 3 {
		return nil, false
	}
	p, ok := e.indexed[stem]
	return p, ok
}

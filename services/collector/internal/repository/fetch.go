package repository

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Request says what to fetch.
type Request struct {
	// URL is the address, as [ParseAddress] reads it.
	URL string
	// Ref is a branch or, if there is no such branch, a tag. Empty: the default branch.
	Ref string
	// Subdirectory is the folder to show; empty: all.
	Subdirectory string
	// Login is what the server is shown; nil: nothing.
	Login *Login
	// Access says where requests may go.
	Access Access
	// Limits bound what is fetched.
	Limits Limits
	// Dir is an existing folder for the pack and nothing else; empty: the system's for temporary files.
	Dir string
}

// Login is what a server is shown.
type Login struct {
	// Username; empty is not allowed.
	Username string
	// Secret is a token or password; with Key a private key in PEM.
	Secret redact.Secret
	// Key says that the secret is a private key.
	Key bool
}

// Access says where requests may go, and whom they trust.
type Access struct {
	// Allowed lists what may be asked although it is not public.
	Allowed Allowed
	// HTTP allows http without encryption. Credentials are never sent over it.
	HTTP bool
	// CAPEM holds authorities beside the system's, in PEM; empty: none.
	CAPEM []byte
	// KnownHosts holds keys of ssh servers, as OpenSSH writes them; empty: no ssh.
	KnownHosts []byte
}

var refName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@+-]*$`)

// check reads the address and refuses what cannot be asked for.
func (r Request) check() (Address, error) {
	a, err := ParseAddress(r.URL)
	switch {
	case err != nil:
		return Address{}, err
	case a.Scheme == schemeHTTP && !r.Access.HTTP:
		return Address{}, ErrInsecure
	case a.Scheme == schemeHTTP && r.Login != nil:
		return Address{}, fmt.Errorf("%w: they are not sent over http", ErrCredentials)
	case r.Ref != "" && (len(r.Ref) > 255 || !refName.MatchString(r.Ref) || strings.Contains(r.Ref, "..")):
		return Address{}, fmt.Errorf("%w: its branch or tag is none", ErrInvalid)
	case r.Subdirectory != "" && (len(r.Subdirectory) > pathBytes || !fs.ValidPath(r.Subdirectory) || r.Subdirectory == "."):
		return Address{}, fmt.Errorf("%w: its folder is none", ErrInvalid)
	}
	return a, nil
}

// Fetch brings one commit and returns its files. The tree must be closed. Errors wrap a [Failure], or are those of the context when
// it was cancelled; a context whose time is up gives [ErrTooSlow].
func Fetch(ctx context.Context, r Request) (*Tree, error) {
	r.Subdirectory = strings.Trim(r.Subdirectory, "/")
	address, err := r.check()
	if err != nil {
		return nil, err
	}
	limits := r.Limits.withDefaults()
	dir, err := os.MkdirTemp(r.Dir, "repository-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	release := func() { os.RemoveAll(dir) }
	tree, err := fetch(ctx, r, address, limits, dir)
	if err != nil {
		release()
		return nil, err
	}
	tree.release = release
	return tree, nil
}

func fetch(ctx context.Context, r Request, address Address, limits Limits, dir string) (*Tree, error) {
	file, err := os.CreateTemp(dir, "pack-")
	if err != nil {
		return nil, fmt.Errorf("make file: %w", err)
	}
	tree, err := fetchInto(ctx, r, address, limits, dir, file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return tree, nil
}

func fetchInto(ctx context.Context, r Request, address Address, limits Limits, dir string, file *os.File) (*Tree, error) {
	far, err := connect(ctx, r, address, dir)
	if err != nil {
		return nil, err
	}
	tip, filtered, err := receive(ctx, far, r.Ref, limits, file)
	far.close()
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read pack: %w", err)
	}
	p, err := readPack(ctx, file, info.Size(), limits)
	if err != nil {
		return nil, err
	}
	w := &walk{pack: p, filtered: filtered, files: map[string]object{}}
	commit, top, err := w.root(tip)
	if err != nil {
		return nil, err
	}
	if top, err = w.descend(top, r.Subdirectory); err != nil {
		return nil, err
	}
	if err := w.all(ctx, top); err != nil {
		return nil, err
	}
	if w.more > 0 {
		w.found.Problem("", 0, "too_many", fmt.Sprintf("%d more files or folders were left out.", w.more))
	}
	return &Tree{pack: p, file: file, nodes: plant(w.files), Problems: w.found.Problems, Reading: &provisov1.RepositoryReading{
		Url: address.String(), Ref: r.Ref, Commit: commit.String(), Subdirectory: r.Subdirectory, ReadAt: timestamppb.New(time.Now()),
		Files: int32(len(w.files)), Bytes: w.kept}}, nil
}

func connect(ctx context.Context, r Request, address Address, dir string) (remote, error) {
	if address.Scheme == schemeSSH {
		s, err := newShell(ctx, address, r.Access, r.Login, dir)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	w, err := newWeb(address, r.Access, r.Login)
	if err != nil {
		return nil, err
	}
	return w, nil
}

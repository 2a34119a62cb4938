package reading

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"proviso.dev/pkg/redact"
)

// MostOfFile is how much of one file a parser reads, in bytes. No description of an application that people wrote comes near it;
// lock files and bundles do, and nothing is read of them.
const MostOfFile = 1 << 20

// Load reads a file as text without byte order mark. What cannot be read becomes a problem, and false comes back.
func (r *Result) Load(files fs.FS, name string) ([]byte, bool) {
	data, err := load(files, name)
	var refused *refusal
	switch {
	case err == nil:
		return data, true
	case errors.As(err, &refused):
		r.Problem(name, 0, refused.code, refused.message)
	default:
		r.Problem(name, 0, "unsupported", "The file could not be opened: "+err.Error()+".")
	}
	return nil, false
}

// A refusal says why a file that exists is not read.
type refusal struct{ code, message string }

// Error implements error.
func (r *refusal) Error() string { return r.message }

func load(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, MostOfFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > MostOfFile:
		return nil, &refusal{"too_large", fmt.Sprintf("The file is larger than %d KiB and was not read.", MostOfFile>>10)}
	case bytes.IndexByte(data, 0) >= 0:
		return nil, &refusal{"binary", "The file holds NUL bytes and was not read."}
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// Clean is a text of a file that may be passed on: on one line, secrets blacked out, at most n bytes.
func Clean(text string, n int) string {
	text, _ = redact.Text(strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " "))
	return Cut(text, n)
}

// Words joins the words of a command; a word that holds spaces is quoted as a shell would want it.
func Words(words []string) string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\"") {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

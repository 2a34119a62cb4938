package reader

import (
	"io"
	"strings"

	"proviso.dev/pkg/redact"
)

// bound keeps what is written up to a number of bytes, and refuses more. It is a writer and nothing else: what can be read from would be
// filled without asking.
type bound struct {
	kept []byte
	left int
	over bool
}

// Write fails beyond the bound; the child then writes to a closed pipe.
func (b *bound) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.over = true
		return 0, io.ErrShortWrite
	}
	b.left -= len(p)
	b.kept = append(b.kept, p...)
	return len(p), nil
}

// ends keeps the first and the last of what is written: a dying process says why first, and where last.
type ends struct {
	first, last []byte
	dropped     bool
}

// Write never fails.
func (e *ends) Write(p []byte) (int, error) {
	n := len(p)
	head := min(n, errorBytes-len(e.first))
	e.first = append(e.first, p[:head]...)
	p = p[head:]
	e.dropped = e.dropped || len(e.last)+len(p) > errorBytes
	e.last = append(e.last, p[max(0, len(p)-errorBytes):]...)
	e.last = append([]byte(nil), e.last[max(0, len(e.last)-errorBytes):]...)
	return n, nil
}

// String is what was kept, without secrets.
func (e *ends) String() string {
	text := string(e.first)
	if e.dropped {
		text += "\n…\n"
	}
	text, _ = redact.Text(strings.ToValidUTF8(text+string(e.last), "?"))
	return text
}

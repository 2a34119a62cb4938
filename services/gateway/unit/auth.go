package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// minToken is the length below which a token is refused: 128 bits in hexadecimal.
const minToken = 32

// keyring holds who may come in. Empty: no login is asked for.
type keyring []key

type key struct {
	subject string
	digest  [sha256.Size]byte
}

// parseKeyring reads the lines of a token file. Errors name the line, never its content.
func parseKeyring(text string) (keyring, error) {
	var k keyring
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		subject, token := "token", fields[0]
		if len(fields) > 1 {
			subject, token = fields[0], fields[1]
		}
		if len(fields) > 2 || len(token) < minToken || len(subject) > 256 {
			return nil, fmt.Errorf("line %d: %w: want \"subject token\" with a token of %d characters or more", i+1, ErrTokenFile, minToken)
		}
		k = append(k, key{subject: subject, digest: sha256.Sum256([]byte(token))})
	}
	if len(k) == 0 {
		return nil, fmt.Errorf("no token in it: %w", ErrTokenFile)
	}
	return k, nil
}

// subjectOf returns who presents a token. Every key is compared, in constant time, so that the answer's timing tells
// neither how much of a token was right nor which key it resembles.
func (k keyring) subjectOf(token string) (string, bool) {
	digest := sha256.Sum256([]byte(token))
	subject, found := "", false
	for _, c := range k {
		if subtle.ConstantTimeCompare(c.digest[:], digest[:]) == 1 {
			subject, found = c.subject, true
		}
	}
	return subject, found
}

type subjectKey struct{}

// subjectFrom returns who sent a request; empty: anonymous on a local door.
func subjectFrom(ctx context.Context) string {
	s, _ := ctx.Value(subjectKey{}).(string)
	return s
}

// authenticate lets a request in, or says why not. Without a keyring the only guard is the Host header: a page of a
// foreign name that resolves to the loopback address would otherwise be same-origin with us.
func (d *door) authenticate(r *http.Request) (*http.Request, error) {
	if len(d.keys) == 0 {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !isLoopback(host) {
			d.countAuthFailure("none", "host")
			return nil, &problem{code: codeHostRefused}
		}
		return r, nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		d.countAuthFailure("tokens", "missing")
		return nil, &problem{code: codeUnauthenticated}
	}
	subject, ok := d.keys.subjectOf(strings.TrimSpace(token))
	if !ok {
		d.countAuthFailure("tokens", "unknown")
		return nil, &problem{code: codeUnauthenticated}
	}
	return r.WithContext(context.WithValue(r.Context(), subjectKey{}, subject)), nil
}

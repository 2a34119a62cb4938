package twin

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	"proviso.dev/pkg/twin/apifacts"
)

// A Token is an API token. Privileges hold on "/" and below; nil means all of them.
type Token struct {
	ID         string // "user@realm!name"
	Secret     string
	Privileges []string
}

// AddToken adds a token, for example a weak one. A token of the same id is replaced.
func (c *Cluster) AddToken(t Token) {
	c.change(func() { c.access.tokens[t.ID] = t })
}

// identity is who calls.
type identity struct {
	name string // "root@pam" or "root@pam!twin"
	// grants are where which privileges hold; all means everything, everywhere.
	all    bool
	grants []grant
}

// grant is privileges on a path.
type grant struct {
	path       string
	propagate  bool
	privileges map[string]bool
}

// ticketLife is how long a ticket is good.
const ticketLife = 2 * time.Hour

func unauthorized(format string, args ...any) error {
	return &refusal{code: http.StatusUnauthorized, phrase: fmt.Sprintf(format, args...)}
}

// authenticate finds out who calls. A method for the whole world needs nobody.
func (c *Cluster) authenticate(r *http.Request, endpoint *apifacts.Endpoint) (identity, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return c.authenticateToken(header, endpoint)
	}
	if cookie, err := r.Cookie("PVEAuthCookie"); err == nil {
		return c.authenticateTicket(r, cookie.Value)
	}
	if endpoint != nil && endpoint.Permissions() != nil && endpoint.Permissions().User == "world" {
		return identity{}, nil
	}
	return identity{}, unauthorized("No ticket")
}

func (c *Cluster) authenticateToken(header string, endpoint *apifacts.Endpoint) (identity, error) {
	text, ok := strings.CutPrefix(header, "PVEAPIToken=")
	id, secret, ok2 := strings.Cut(text, "=")
	if !ok || !ok2 {
		return identity{}, unauthorized("no tokenid specified")
	}
	token, known := c.access.tokens[id]
	if !known || subtle.ConstantTimeCompare([]byte(token.Secret), []byte(secret)) != 1 {
		return identity{}, unauthorized("invalid token value!")
	}
	if endpoint != nil && !endpoint.AllowsToken() {
		return identity{}, &refusal{code: http.StatusForbidden, phrase: "Permission check failed - API token cannot call this method"}
	}
	return c.access.identityOf(token), nil
}

func (c *Cluster) authenticateTicket(r *http.Request, ticket string) (identity, error) {
	session, ok := c.access.sessions[ticket]
	if !ok {
		return identity{}, unauthorized("invalid PVE ticket")
	}
	if c.now().Sub(session.since) > ticketLife {
		return identity{}, unauthorized("permission denied - invalid PVE ticket")
	}
	if r.Method != http.MethodGet && r.Header.Get("Csrfpreventiontoken") != session.csrf {
		return identity{}, unauthorized("Permission denied - invalid csrf token")
	}
	return c.access.identityOfUser(session.user), nil
}

// login answers POST /access/ticket.
func (c *Cluster) login(r *request) (any, error) {
	user := r.text("username")
	if !strings.Contains(user, "@") && r.has("realm") {
		user += "@" + r.text("realm")
	}
	known, ok := c.access.users[user]
	if !ok || known.password == "" || subtle.ConstantTimeCompare([]byte(known.password), []byte(r.text("password"))) != 1 {
		return nil, unauthorized("authentication failure")
	}
	now := c.now()
	ticket := fmt.Sprintf("PVE:%s:%08X::%s", user, now.Unix(), uuid(nil))
	s := session{user: user, csrf: fmt.Sprintf("%08X:%s", now.Unix(), uuid(nil)), since: now}
	c.access.sessions[ticket] = s
	return object{"ticket": ticket, "CSRFPreventionToken": s.csrf, "username": user, "clustername": c.name, "cap": object{}}, nil
}

// SetPassword gives a user a password, so that a client can log in by ticket.
func (c *Cluster) SetPassword(user, password string) {
	c.change(func() {
		u := c.access.users[user]
		if u == nil {
			u = newUser()
			c.access.users[user] = u
		}
		u.password = password
	})
}

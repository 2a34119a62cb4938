package repository

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"proviso.dev/pkg/redact"
)

// The schemes of addresses.
const (
	schemeHTTPS = "https"
	schemeHTTP  = "http"
	schemeSSH   = "ssh"
)

var defaultPorts = map[string]string{schemeHTTPS: "443", schemeHTTP: "80", schemeSSH: "22"}

// Address is where a repository is, without any secret.
type Address struct {
	// Scheme is "https", "http" or "ssh".
	Scheme string
	// User is the name to log in with over ssh; empty: the credential's, else "git". Names in web addresses are dropped.
	User string
	// Host is a name or an address, in lower case, without brackets.
	Host string
	// Port in decimal, never empty.
	Port string
	// Path on the server, as written; over https and http with a slash at its beginning.
	Path string
}

var (
	hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$`)
	userName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)
	scpLike  = regexp.MustCompile(`^(?:([^@:/\s]+)@)?([^@:/\s]+):([^:].*)$`)
)

// ParseAddress reads the address of a repository: https, http or ssh, or "user@host:path". Everything else that Git would take,
// local paths, "file", "git" and helpers such as "ext::" among it, is [ErrInvalid]; an address with a password, a token or a
// query is [ErrSecretInAddress]. Errors never repeat the address.
func ParseAddress(text string) (Address, error) {
	if len(text) > 2048 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
		return Address{}, fmt.Errorf("%w: it is too long, or has characters that addresses do not have", ErrInvalid)
	}
	var a Address
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil {
			return Address{}, fmt.Errorf("%w: it cannot be parsed", ErrInvalid) // the parser's words quote the address
		}
		if err := secretless(u); err != nil {
			return Address{}, err
		}
		a = Address{Scheme: u.Scheme, User: u.User.Username(), Host: strings.ToLower(u.Hostname()), Port: u.Port(), Path: u.EscapedPath()}
		if a.Scheme == schemeSSH {
			a.Path = u.Path // it is no part of a URL any more
		} else {
			a.User = ""
		}
	} else {
		m := scpLike.FindStringSubmatch(text)
		if m == nil || strings.Contains(text, "::") {
			return Address{}, fmt.Errorf("%w: it is neither https nor ssh", ErrInvalid)
		}
		a = Address{Scheme: schemeSSH, User: m[1], Host: strings.ToLower(m[2]), Path: m[3]}
	}
	if a.Port == "" {
		a.Port = defaultPorts[a.Scheme]
	}
	return a, a.check()
}

// secretless refuses what may hold a secret: a password, a user name that looks like a token, a query, a fragment.
func secretless(u *url.URL) error {
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return fmt.Errorf("%w: it has a query or a fragment", ErrSecretInAddress)
	}
	if _, set := u.User.Password(); set {
		return fmt.Errorf("%w: it has a password", ErrSecretInAddress)
	}
	name := u.User.Username()
	if _, found := redact.Text(name); len(found) > 0 || len(name) >= 32 {
		return fmt.Errorf("%w: its user name looks like a token", ErrSecretInAddress)
	}
	return nil
}

func (a Address) check() error {
	port, err := strconv.Atoi(a.Port)
	switch {
	case a.Scheme != schemeHTTPS && a.Scheme != schemeHTTP && a.Scheme != schemeSSH:
		return fmt.Errorf("%w: it is neither https nor ssh", ErrInvalid)
	case net.ParseIP(a.Host) == nil && !hostName.MatchString(a.Host):
		return fmt.Errorf("%w: its host is none", ErrInvalid) // a leading "-" would be an option to some programs
	case err != nil || port < 1 || port > 65535:
		return fmt.Errorf("%w: its port is none", ErrInvalid)
	case a.User != "" && !userName.MatchString(a.User):
		return fmt.Errorf("%w: its user is none", ErrInvalid)
	case len(a.String()) > 2048: // escaped it is longer than written
		return fmt.Errorf("%w: it is too long", ErrInvalid)
	case strings.Trim(a.Path, "/") == "" || strings.HasPrefix(a.Path, "-"):
		return fmt.Errorf("%w: it has no path", ErrInvalid)
	case strings.ContainsFunc(a.Path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%w: its path has control characters", ErrInvalid)
	}
	return nil
}

// HostPort is what is dialled: "git.example.org:443".
func (a Address) HostPort() string { return net.JoinHostPort(a.Host, a.Port) }

// String is the address as it may be shown: without user information but the login of ssh.
func (a Address) String() string {
	host := a.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if a.Port != defaultPorts[a.Scheme] {
		host += ":" + a.Port
	}
	path := "/" + strings.TrimPrefix(a.Path, "/")
	if a.Scheme == schemeSSH {
		path = (&url.URL{Path: path}).EscapedPath() // it is kept as the server gets it
	}
	return a.Scheme + "://" + host + path
}

// Name is the last part of the path without ".git": "shop".
func (a Address) Name() string {
	name := strings.TrimSuffix(strings.TrimRight(a.Path, "/"), ".git")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// NameOf is the name of the repository at an address that was read: "shop". It is never empty.
func NameOf(url string) string {
	a, err := ParseAddress(url)
	if err != nil || a.Name() == "" {
		return "repository"
	}
	return cut(a.Name(), 253)
}

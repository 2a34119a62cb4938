package repository

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Credential says where a secret is found and for which host it is. It holds none itself.
type Credential struct {
	// Name by which a request picks it: "forge-read".
	Name string `json:"name"`
	// Host, or host:port, that may see it.
	Host string `json:"host"`
	// Username; empty: "git".
	Username string `json:"username"`
	// TokenFile holds a token for https. Exactly one of the three files is set.
	TokenFile string `json:"token_file"`
	// PasswordFile holds a password, for https and ssh.
	PasswordFile string `json:"password_file"`
	// SSHKeyFile holds a private key without a passphrase, for ssh.
	SSHKeyFile string `json:"ssh_key_file"`
}

var credentialName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// parseCredentials reads the operator's list.
func parseCredentials(data []byte) ([]Credential, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var list []Credential
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("read list of credentials: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read list of credentials: something follows the list")
	}
	names := map[string]bool{}
	for i := range list {
		c := &list[i]
		c.Host = strings.ToLower(c.Host)
		files := 0
		for _, f := range []string{c.TokenFile, c.PasswordFile, c.SSHKeyFile} {
			if f != "" {
				files++
			}
		}
		switch {
		case !credentialName.MatchString(c.Name):
			return nil, fmt.Errorf("credential %d: its name must be of small letters, digits and hyphens", i+1)
		case names[c.Name]:
			return nil, fmt.Errorf("credential %q: there are two of this name", c.Name)
		case c.Host == "" || strings.ContainsAny(c.Host, "/@* "):
			return nil, fmt.Errorf("credential %q: its host must be one host, or host:port", c.Name)
		case c.Username != "" && !userName.MatchString(strings.ReplaceAll(c.Username, "@", "")):
			return nil, fmt.Errorf("credential %q: its username is none", c.Name)
		case files != 1:
			return nil, fmt.Errorf("credential %q: it needs exactly one of token_file, password_file and ssh_key_file", c.Name)
		}
		names[c.Name] = true
	}
	return list, nil
}

// fits reports whether a credential may be shown to an address.
func (c Credential) fits(a Address) bool {
	if c.Host != a.Host && c.Host != a.HostPort() {
		return false
	}
	switch a.Scheme {
	case schemeHTTPS:
		return c.SSHKeyFile == ""
	case schemeSSH:
		return c.TokenFile == ""
	}
	return false
}

// login reads the secret.
func (c Credential) login() (*Login, error) {
	path := c.TokenFile + c.PasswordFile + c.SSHKeyFile // one of them
	data, err := readSmall(path)
	if err != nil {
		return nil, fmt.Errorf("%w: credential %q: %w", ErrCredentials, c.Name, err)
	}
	login := &Login{Username: c.Username, Secret: redact.Secret(data), Key: c.SSHKeyFile != ""}
	if login.Username == "" {
		login.Username = "git"
	}
	if !login.Key {
		login.Secret = redact.Secret(strings.TrimRight(string(data), "\r\n"))
	}
	return login, nil
}

// Request makes a request of what somebody asked for: it checks the address and picks the credential, by name or by host. A
// credential is shown to its own host only, whoever names it. Errors wrap a [Failure].
func (c Config) Request(asked *provisov1.Repository) (Request, error) {
	c = c.WithDefaults()
	r := Request{URL: asked.GetUrl(), Ref: asked.GetRef(), Subdirectory: strings.Trim(asked.GetSubdirectory(), "/"), Limits: Limits{PackBytes: c.PackBytes},
		Access: Access{Allowed: c.Allowed, HTTP: c.HTTP, CAPEM: c.CAPEM, KnownHosts: c.KnownHosts}}
	address, err := r.check()
	if err != nil {
		return Request{}, err
	}
	chosen, err := c.choose(address, asked.GetCredential())
	if err != nil {
		return Request{}, err
	}
	if chosen == nil {
		return r, nil
	}
	r.Login, err = chosen.login()
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

func (c Config) choose(a Address, name string) (*Credential, error) {
	for i := range c.Credentials {
		credential := &c.Credentials[i]
		if name == "" && credential.fits(a) {
			return credential, nil
		}
		if name == credential.Name {
			if !credential.fits(a) {
				return nil, fmt.Errorf("%w: credential %q is for another host or another scheme", ErrCredentials, name)
			}
			return credential, nil
		}
	}
	if name != "" {
		return nil, fmt.Errorf("%w: no credential %q is configured", ErrCredentials, name)
	}
	return nil, nil
}

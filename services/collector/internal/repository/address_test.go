package repository_test

import (
	"errors"
	"strings"
	"testing"

	"proviso.dev/services/collector/internal/repository"
)

func TestParseAddress(t *testing.T) {
	tests := map[string]struct {
		reason string
		text   string
		want   string // as shown
		host   string // as dialled
		err    error
	}{
		"HTTPS":         {"the usual form", "https://Git.Example.org/team/shop.git", "https://git.example.org/team/shop.git", "git.example.org:443", nil},
		"Port":          {"ports stay", "https://git.example.org:8443/shop", "https://git.example.org:8443/shop", "git.example.org:8443", nil},
		"DefaultPort":   {"a port that says nothing goes", "https://git.example.org:443/shop", "https://git.example.org/shop", "git.example.org:443", nil},
		"UserOnly":      {"Azure writes names into addresses; they are not shown", "https://team@dev.example.org/shop", "https://dev.example.org/shop", "dev.example.org:443", nil},
		"SSH":           {"a URL", "ssh://git@git.example.org:2222/shop.git", "ssh://git.example.org:2222/shop.git", "git.example.org:2222", nil},
		"SCP":           {"the short form", "git@git.example.org:team/shop.git", "ssh://git.example.org/team/shop.git", "git.example.org:22", nil},
		"IPv6":          {"addresses in brackets", "https://[2001:db8::1]/shop", "https://[2001:db8::1]/shop", "[2001:db8::1]:443", nil},
		"Password":      {"a secret has no place there", "https://ann:hunter2@git.example.org/shop", "", "", repository.ErrSecretInAddress},
		"EmptyPassword": {"nor an empty one", "https://ann:@git.example.org/shop", "", "", repository.ErrSecretInAddress},
		"Token":         {"a token as the name is a secret, too", "https://ghp_0123456789abcdefghijklmnopqrstuvwxyz@git.example.org/shop", "", "", repository.ErrSecretInAddress},
		"Query":         {"forges take tokens there", "https://git.example.org/shop?private_token=abc", "", "", repository.ErrSecretInAddress},
		"File":          {"this machine's files", "file:///etc", "", "", repository.ErrInvalid},
		"Path":          {"this machine's files", "/srv/git/shop.git", "", "", repository.ErrInvalid},
		"Relative":      {"this machine's files", "../shop.git", "", "", repository.ErrInvalid},
		"Git":           {"nobody knows who answers", "git://git.example.org/shop.git", "", "", repository.ErrInvalid},
		"Helper":        {"Git would run a program", "ext::sh -c touch% /tmp/x", "", "", repository.ErrInvalid},
		"HelperTight":   {"Git would run a program", "ext::sh", "", "", repository.ErrInvalid},
		"HelperFD":      {"Git would use an open file", "fd::17/foo", "", "", repository.ErrInvalid},
		"OptionHost":    {"ssh would take the host for an option", "ssh://-oProxyCommand=x/shop", "", "", repository.ErrInvalid},
		"OptionSCP":     {"ssh would take the host for an option", "-oProxyCommand=x:shop", "", "", repository.ErrInvalid},
		"OptionUser":    {"ssh would take the user for an option", "-ox@git.example.org:shop", "", "", repository.ErrInvalid},
		"OptionPath":    {"git-upload-pack would take the path for an option", "git@git.example.org:--strict", "", "", repository.ErrInvalid},
		"NoPath":        {"a host is no repository", "https://git.example.org/", "", "", repository.ErrInvalid},
		"NoHost":        {"a path is no address", "https:///shop", "", "", repository.ErrInvalid},
		"Newline":       {"it would end a line of the protocol", "https://git.example.org/sh\nop", "", "", repository.ErrInvalid},
		"EncodedLine":   {"encoded it would end a line as well", "ssh://git.example.org/sh%0aop", "", "", repository.ErrInvalid},
		"Lookalike":     {"letters of other alphabets look like other hosts", "https://git.exаmple.org/shop", "", "", repository.ErrInvalid},
		"BadPort":       {"no port", "https://git.example.org:99999/shop", "", "", repository.ErrInvalid},
		"Long":          {"nobody writes that", "https://git.example.org/" + strings.Repeat("a", 2048), "", "", repository.ErrInvalid},
		"Empty":         {"nothing", "", "", "", repository.ErrInvalid},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := repository.ParseAddress(tc.text)
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s: want %v, got %v", tc.reason, tc.err, err)
			}
			if err != nil {
				for _, secret := range []string{"hunter2", "ghp_", "abc", "/etc"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error repeats the address: %v", err)
					}
				}
				return
			}
			if got.String() != tc.want || got.HostPort() != tc.host {
				t.Errorf("%s: want %s at %s, got %s at %s", tc.reason, tc.want, tc.host, got, got.HostPort())
			}
		})
	}
}

package reading

import (
	"net/url"
	"regexp"
	"strings"

	"proviso.dev/pkg/redact"
)

// secretWord finds, between the parts of a variable's name, the words that make its value a secret.
var secretWord = regexp.MustCompile(`(^|_)(PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRETS?|TOKENS?|APIKEY|KEYS?|CREDENTIALS?|CREDS?|PRIVATE|AUTH|DSN|CONNECTION_?STRING|SALT)(_|$)|(PASSWORD|SECRET|TOKEN|APIKEY|PRIVATEKEY|ACCESSKEY|SECRETKEY)$`)

// publicName finds the names that only look like it.
var publicName = regexp.MustCompile(`(^|_)(PUBLIC_KEY|PUB_KEY|KEYBOARD|KEY_?(FILE|PATH|SIZE|LENGTH|NAME|ID|PREFIX|TYPE)|(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?)_(FILE|PATH)|TOKEN_(TTL|LIFETIME|EXPIRY|EXPIRES_IN|LENGTH)|AUTH_(TYPE|MODE|METHOD|ENABLED|URL|HOST|PORT|PROVIDER|SOURCE)|(MIN|MAX)_PASSWORD_LENGTH|PASSWORD_(MIN|MAX)_LENGTH)(_|$)`)

// SecretName reports whether a variable of that name holds a secret.
func SecretName(name string) bool {
	name = strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	return secretWord.MatchString(name) && !publicName.MatchString(name)
}

// Secret reports whether a variable holds a secret, by its name or by its value: an address with a password in it, or what
// package redact takes for a secret.
func Secret(name, value string) bool {
	if SecretName(name) {
		return true
	}
	if u, err := url.Parse(value); err == nil && u.User != nil {
		if _, set := u.User.Password(); set {
			return true
		}
	}
	_, found := redact.Text(value)
	return len(found) > 0
}

// Value is what of a value may be passed on: nothing of a secret, else the value, cut.
func Value(name, value string) (shown string, secret bool) {
	if Secret(name, value) {
		return "", true
	}
	return Cut(value, 1024), false
}

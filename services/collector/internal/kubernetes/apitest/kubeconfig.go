package apitest

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Kubeconfig writes a kubeconfig for the server at that address, with the authority in PEM and a bearer token, and returns its path.
// Its context is called "test".
func Kubeconfig(t testing.TB, server string, ca []byte, token string) string {
	t.Helper()
	return WriteKubeconfig(t, server, ca, "token: "+token)
}

// Certified writes a kubeconfig whose user has a certificate of the cluster's authority in place of a token.
func (c *Cluster) Certified(t testing.TB, user string, groups ...string) string {
	t.Helper()
	cert, key := c.authority.issue(t, user, groups)
	return WriteKubeconfig(t, c.URL, c.CA, fmt.Sprintf("{client-certificate-data: %s, client-key-data: %s}",
		base64.StdEncoding.EncodeToString(cert), base64.StdEncoding.EncodeToString(key)))
}

// WriteKubeconfig writes a kubeconfig whose user is as given, in YAML on one line.
func WriteKubeconfig(t testing.TB, server string, ca []byte, user string) string {
	t.Helper()
	if user[0] != '{' {
		user = "{" + user + "}"
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters:
  - name: test
    cluster: {server: %q, certificate-authority-data: %s}
users:
  - name: test
    user: %s
contexts:
  - name: test
    context: {cluster: test, user: test}
`, server, base64.StdEncoding.EncodeToString(ca), user)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

package pve

import "errors"

// ExplainNetwork returns what a failed exchange over the network was: a *CertificateError when the server's certificate is not
// trusted, otherwise an *UnreachableError. Readers of other APIs use it, so that one failure has one name everywhere.
func ExplainNetwork(host string, err error) error {
	explained := explain(host, "", err)
	if errors.Is(explained, ErrCertificate) || errors.Is(explained, ErrUnreachable) {
		return explained
	}
	return &UnreachableError{Host: host, Reach: ReachNetwork, Err: err}
}

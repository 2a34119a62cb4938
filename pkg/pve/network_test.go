package pve

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"syscall"
	"testing"
)

func TestExplainNetwork(t *testing.T) {
	var notJSON any
	syntax := json.Unmarshal([]byte("<html>"), &notJSON)
	tests := map[string]struct {
		reason   string
		err      error
		reach    Reach
		distrust Distrust
	}{
		"Authority": {reason: "the certificate comes first", err: &url.Error{Err: x509.UnknownAuthorityError{}}, distrust: DistrustAuthority},
		"Refused":   {reason: "nobody listens", err: &url.Error{Err: syscall.ECONNREFUSED}, reach: ReachRefused},
		"Timeout":   {reason: "too slow", err: context.DeadlineExceeded, reach: ReachTimeout},
		"Broken":    {reason: "half an answer", err: io.ErrUnexpectedEOF, reach: ReachBroken},
		"Other":     {reason: "what Proxmox VE says is not looked for", err: syntax, reach: ReachNetwork},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := ExplainNetwork("h:1", test.err)
			if c, ok := errors.AsType[*CertificateError](err); ok {
				if c.Distrust != test.distrust || c.Host != "h:1" {
					t.Errorf("got %v, want %q: %s", err, test.distrust, test.reason)
				}
				return
			}
			if u, ok := errors.AsType[*UnreachableError](err); !ok || u.Reach != test.reach || u.Host != "h:1" || test.distrust != "" {
				t.Errorf("got %v, want %q: %s", err, test.reach, test.reason)
			}
		})
	}
}

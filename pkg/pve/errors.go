package pve

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

var (
	// ErrWriteRefused is returned when anything but a GET without a body was about to be sent. Nothing has left.
	ErrWriteRefused = errors.New("only GET may be sent to Proxmox VE")

	// ErrEndpoint is returned when the endpoint is malformed; see [EndpointError].
	ErrEndpoint = errors.New("endpoint is malformed")

	// ErrToken is returned when the token does not have the form user@realm!id=secret.
	ErrToken = errors.New("token does not have the form user@realm!id=secret")

	// ErrCA is returned when CAPEM holds no certificate.
	ErrCA = errors.New("certificate authority holds no PEM certificate")

	// ErrUnreachable is returned when nothing answered at the endpoint; see [UnreachableError].
	ErrUnreachable = errors.New("endpoint does not answer")

	// ErrCertificate is returned when the server's certificate cannot be trusted; see [CertificateError].
	ErrCertificate = errors.New("certificate cannot be trusted")

	// ErrCredentials is returned when Proxmox VE does not know the token (401).
	ErrCredentials = errors.New("token is not accepted")

	// ErrDenied is returned when the token may not read what was asked for (403).
	ErrDenied = errors.New("token may not read this")

	// ErrIncompleteAccess is returned when the token lacks privileges on /, so that Proxmox VE would leave objects out of
	// its lists without a word; see [IncompleteAccessError].
	ErrIncompleteAccess = errors.New("token may not read everything")

	// ErrNotFound is returned when the guest asked for does not exist.
	ErrNotFound = errors.New("no such object")

	// ErrAnswer is returned when an answer is not what Proxmox VE sends: no JSON, no data, more than 32 MiB.
	ErrAnswer = errors.New("answer is not one of Proxmox VE")

	// ErrSnapshot is returned when bytes are not the JSON form of a snapshot.
	ErrSnapshot = errors.New("not a snapshot")

	// ErrHistory is returned when bytes are not the JSON form of a history.
	ErrHistory = errors.New("not a history")

	// ErrTimeframe is returned when a timeframe is none of those that Proxmox VE keeps.
	ErrTimeframe = errors.New("no such timeframe")
)

// An EndpointError says what is wrong with an endpoint.
type EndpointError struct {
	Endpoint string // without credentials, path and query; empty when it cannot be shown
	Problem  string
}

func (e *EndpointError) Error() string {
	return fmt.Sprintf("endpoint %q is malformed: %s", e.Endpoint, e.Problem)
}

// Is makes errors.Is(err, ErrEndpoint) true.
func (e *EndpointError) Is(target error) bool { return target == ErrEndpoint }

// A Reach is the way in which an endpoint does not answer.
type Reach string

// The ways in which an endpoint does not answer.
const (
	ReachRefused Reach = "connection refused"
	ReachName    Reach = "host name does not resolve"
	ReachTimeout Reach = "no answer in time"
	ReachBroken  Reach = "connection broke off"
	ReachNoTLS   Reach = "server does not speak TLS"
	ReachNetwork Reach = "network error"
)

// An UnreachableError says that and how the endpoint, or a node behind it, does not answer.
type UnreachableError struct {
	Host  string // "pmox01:8006", or "node pmox02" when the endpoint waited for that node in vain
	Reach Reach
	Err   error // what the network said; nil when a node keeps silent
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s does not answer: %s", e.Host, e.Reach)
}

// Is makes errors.Is(err, ErrUnreachable) true.
func (e *UnreachableError) Is(target error) bool { return target == ErrUnreachable }

func (e *UnreachableError) Unwrap() error { return e.Err }

// A Distrust is the reason for which a certificate cannot be trusted.
type Distrust string

// The reasons for which a certificate cannot be trusted.
const (
	DistrustAuthority Distrust = "signed by an unknown authority"
	DistrustName      Distrust = "made out to another name"
	DistrustExpired   Distrust = "expired or not yet valid"
	DistrustInvalid   Distrust = "not valid"
)

// A CertificateError says why the server's certificate cannot be trusted.
type CertificateError struct {
	Host     string
	Distrust Distrust
	Err      error // what the verification said
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("certificate of %s cannot be trusted: %s", e.Host, e.Distrust)
}

// Is makes errors.Is(err, ErrCertificate) true.
func (e *CertificateError) Is(target error) bool { return target == ErrCertificate }

func (e *CertificateError) Unwrap() error { return e.Err }

// A StatusError is an answer of Proxmox VE other than success. The secret of the token is blacked out should the server
// repeat it.
type StatusError struct {
	Code    int
	Reason  string            // the reason phrase: it carries the message in every release
	Message string            // the message of the body, empty in releases before 2025
	Errors  map[string]string // parameter to what is wrong with it
	Method  string
	Path    string // below /api2/json, without the query
}

func (e *StatusError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.Code)
	if e.Reason != "" {
		fmt.Fprintf(&b, " %s", e.Reason)
	}
	if e.Message != "" && e.Message != e.Reason {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Errors)) {
		fmt.Fprintf(&b, "; %s: %s", name, e.Errors[name])
	}
	return b.String()
}

// Is maps the answer to [ErrCredentials], [ErrDenied] or [ErrNotFound]. A missing guest is a 500 in Proxmox VE.
func (e *StatusError) Is(target error) bool {
	switch target {
	case ErrCredentials:
		return e.Code == http.StatusUnauthorized
	case ErrDenied:
		return e.Code == http.StatusForbidden
	case ErrNotFound:
		return e.Code == http.StatusNotFound || e.Code == http.StatusInternalServerError && e.says("does not exist")
	}
	return false
}

// says reports whether the phrase or the message contains the text: which of the two carries it depends on the release.
func (e *StatusError) says(text string) bool {
	return strings.Contains(e.Reason, text) || strings.Contains(e.Message, text)
}

// nodeDown reports whether Proxmox VE failed to pass the request on to another node (595 to 599).
func (e *StatusError) nodeDown() bool { return e.Code >= 595 && e.Code <= 599 }

// An IncompleteAccessError names the privileges that the token lacks on /.
type IncompleteAccessError struct {
	Token   string   // the token's name, without its secret
	Missing []string // sorted, for example "Datastore.Audit"
}

func (e *IncompleteAccessError) Error() string {
	return fmt.Sprintf("token %s lacks %s on /", e.Token, strings.Join(e.Missing, ", "))
}

// Is makes errors.Is(err, ErrIncompleteAccess) true.
func (e *IncompleteAccessError) Is(target error) bool { return target == ErrIncompleteAccess }

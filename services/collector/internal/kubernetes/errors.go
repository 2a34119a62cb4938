package kubernetes

import (
	"errors"
	"fmt"

	"proviso.dev/pkg/pve"
)

var (
	// ErrConfig is returned when the configuration names no cluster, or a kubeconfig that cannot be used; see [ConfigError].
	ErrConfig = errors.New("configuration of the Kubernetes cluster cannot be used")

	// ErrPlugin is returned when a kubeconfig wants a program or a plugin to be run for its credentials.
	ErrPlugin = errors.New("kubeconfig runs a plugin for its credentials, which is refused: use a token or a client certificate")

	// ErrWriteRefused is returned when anything but a GET without a body was about to be sent. Nothing has left.
	ErrWriteRefused = errors.New("only GET may be sent to Kubernetes")

	// ErrPathRefused is returned when something was about to be read that is not in the table of lists, or from another host
	// than the configured one. Nothing has left.
	ErrPathRefused = errors.New("only the lists of Paths may be read from Kubernetes")

	// ErrUnreachable is returned when nothing answered; see [UnreachableError].
	ErrUnreachable = errors.New("the Kubernetes API server does not answer")

	// ErrCertificate is returned when the server's certificate cannot be trusted; see [CertificateError].
	ErrCertificate = errors.New("certificate of the Kubernetes API server cannot be trusted")

	// ErrCredentials is returned when the server does not know the credentials (401).
	ErrCredentials = errors.New("the credentials are not accepted")

	// ErrDenied is returned when the credentials may not list what was asked for (403).
	ErrDenied = errors.New("the credentials may not list them")

	// ErrNotFound is returned when the cluster does not know the resource (404).
	ErrNotFound = errors.New("the cluster does not know this resource")

	// ErrAnswer is returned when an answer is not what Kubernetes sends, or is longer than any page may be.
	ErrAnswer = errors.New("answer is not one of Kubernetes")

	// ErrCut is what stands in unknown when a list has more entries than are read.
	ErrCut = errors.New("there are more than are read")
)

// A ConfigError says why a configuration cannot be used.
type ConfigError struct {
	Path    string // of the kubeconfig or the folder of the service account; may be empty
	Problem string
	Err     error // may be nil
}

func (e *ConfigError) Error() string {
	text := e.Problem
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, ErrConfig) true.
func (e *ConfigError) Is(target error) bool { return target == ErrConfig }

func (e *ConfigError) Unwrap() error { return e.Err }

// An UnreachableError says that and how the server does not answer, in the words of package pve.
type UnreachableError struct {
	Host  string
	Reach pve.Reach
	Err   error // what the network said
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the Kubernetes API server %s does not answer: %s", e.Host, e.Reach)
}

// Is makes errors.Is(err, ErrUnreachable) true.
func (e *UnreachableError) Is(target error) bool { return target == ErrUnreachable }

func (e *UnreachableError) Unwrap() error { return e.Err }

// A CertificateError says why the server's certificate cannot be trusted, in the words of package pve.
type CertificateError struct {
	Host     string
	Distrust pve.Distrust
	Err      error // what the verification said
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("certificate of the Kubernetes API server %s cannot be trusted: %s", e.Host, e.Distrust)
}

// Is makes errors.Is(err, ErrCertificate) true.
func (e *CertificateError) Is(target error) bool { return target == ErrCertificate }

func (e *CertificateError) Unwrap() error { return e.Err }

// A StatusError is an answer other than success that has no error of its own here.
type StatusError struct {
	Code   int
	Reason string // as Kubernetes writes it: "InternalError"
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answered %d %s", e.Code, e.Reason)
}

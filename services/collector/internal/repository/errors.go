package repository

import (
	"context"
	"errors"
)

// Failure is a reason why a repository was not read. Its code is stable: the sentence for people is chosen by it.
type Failure struct{ code, text string }

// Error says the reason in English.
func (f *Failure) Error() string { return f.text }

// Code is the stable name of the reason: "too_large".
func (f *Failure) Code() string { return f.code }

var (
	// ErrInvalid is returned when the address, the branch, the folder or the name of a credential cannot be one.
	ErrInvalid = &Failure{"invalid", "this is no address of a repository that can be read"}
	// ErrSecretInAddress is returned when the address carries a password or a token.
	ErrSecretInAddress = &Failure{"secret_in_address", "the address carries a secret; configure a credential and name it"}
	// ErrRefused is returned when the address, or one that it leads to, lies in a network that must not be asked.
	ErrRefused = &Failure{"refused_address", "the address lies in a network that is not asked"}
	// ErrInsecure is returned when the address has no encryption, and that is not allowed.
	ErrInsecure = &Failure{"insecure", "the address is one without encryption, which is not allowed here"}
	// ErrNotFound is returned when the server knows no such repository.
	ErrNotFound = &Failure{"not_found", "the server knows no such repository"}
	// ErrReferenceNotFound is returned when the repository has no such branch or tag.
	ErrReferenceNotFound = &Failure{"reference_not_found", "the repository has no such branch or tag"}
	// ErrSubdirectoryNotFound is returned when the commit has no such folder.
	ErrSubdirectoryNotFound = &Failure{"subdirectory_not_found", "the repository has no such folder"}
	// ErrEmpty is returned when the repository has no commit.
	ErrEmpty = &Failure{"empty", "the repository has no commit"}
	// ErrCredentials is returned when the server wants credentials, refuses the ones it got, or when the credential asked for
	// is not configured or belongs to another host.
	ErrCredentials = &Failure{"credentials", "the repository needs credentials, or refuses the ones configured"}
	// ErrHostKey is returned when the key of an ssh server is not the one configured, or none is.
	ErrHostKey = &Failure{"host_key", "the ssh server's key is not known"}
	// ErrUnreachable is returned when the server cannot be reached, or says that it cannot answer.
	ErrUnreachable = &Failure{"unreachable", "the server cannot be reached"}
	// ErrNotGit is returned when something answers that is no Git server.
	ErrNotGit = &Failure{"not_git", "what answers there is no Git server"}
	// ErrCorrupt is returned when what came is incomplete or contradicts itself.
	ErrCorrupt = &Failure{"corrupt", "what the server sent is damaged"}
	// ErrTooLarge is returned when the repository exceeds a bound that cannot be kept by leaving something out.
	ErrTooLarge = &Failure{"too_large", "the repository is larger than allowed"}
	// ErrTooSlow is returned when fetching or reading took longer than allowed.
	ErrTooSlow = &Failure{"too_slow", "fetching and reading took longer than allowed"}
	// ErrReader is returned when the process that reads ended without an answer.
	ErrReader = &Failure{"reader", "the process that reads the repository ended without an answer"}
)

var failures = []*Failure{
	ErrInvalid, ErrSecretInAddress, ErrRefused, ErrInsecure, ErrNotFound, ErrReferenceNotFound, ErrSubdirectoryNotFound, ErrEmpty, ErrCredentials,
	ErrHostKey, ErrUnreachable, ErrNotGit, ErrCorrupt, ErrTooLarge, ErrTooSlow, ErrReader,
}

// Failures lists every reason, so that a table of sentences can be checked against it.
func Failures() []*Failure { return failures }

// FailureOf returns the failure of that code; an unknown one is [ErrReader].
func FailureOf(code string) *Failure {
	for _, f := range failures {
		if f.code == code {
			return f
		}
	}
	return ErrReader
}

// Code returns the code of the failure that an error wraps; "" when it wraps none.
func Code(err error) string {
	var f *Failure
	if !errors.As(err, &f) {
		return ""
	}
	return f.code
}

// judged gives an error of the network or of a library its failure: the one it wraps, else what the context says, else the one
// that the place suggests.
func judged(ctx context.Context, err error, suggested *Failure) error {
	switch {
	case err == nil:
		return nil
	case Code(err) != "":
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrTooSlow
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &detailed{suggested, err}
}

// detailed is a failure with the words of its cause, which are for logs.
type detailed struct {
	failure *Failure
	cause   error
}

func (d *detailed) Error() string   { return d.failure.Error() + ": " + d.cause.Error() }
func (d *detailed) Unwrap() []error { return []error{d.failure, d.cause} }

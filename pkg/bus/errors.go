package bus

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrFull is returned when a stream holds as much as it may and refuses more. Nothing was stored; the same message with
	// the same id may be published again later. At a front door it means 429.
	ErrFull = errors.New("stream is full")

	// ErrNoID is returned when a message has no id. Without one a retry could store it twice.
	ErrNoID = errors.New("message has no id")

	// ErrNotFound is returned when an artefact does not exist, or no longer does.
	ErrNotFound = errors.New("artefact not found")

	// ErrCorrupt is returned when the bytes of an artefact do not have the digest that they are known by.
	ErrCorrupt = errors.New("artefact does not match its digest")
)

// MismatchError is returned when what exists on the server differs from the topology in a way that must not be mended by
// itself: by [Provision] when applying the topology would destroy or re-route messages, by [Bind] for every difference that
// changes which messages a service would get.
type MismatchError struct {
	Object      string   // "stream WORK", "consumer WORK/builder-v1", "bucket runs"
	Differences []string // each "field: has …, wants …"
}

// Error names the object and all its differences.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s differs: %s", e.Object, strings.Join(e.Differences, "; "))
}

// Codes of the JetStream API that nats.go gives no name.
const (
	codeStorageFull jetstream.ErrorCode = 10077 // maximum bytes exceeded, with discard policy new
)

// hasCode reports whether err is an answer of the JetStream API with one of the codes.
func hasCode(err error, codes ...jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	return slices.Contains(codes, api.ErrorCode)
}

// alreadyThere reports whether a stream refused a message because its subject holds one. A replicated stream under
// contention answers with a second code.
func alreadyThere(err error) bool {
	return hasCode(err, jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

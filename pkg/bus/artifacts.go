package bus

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// MaxArtifact is the largest artefact in bytes.
const MaxArtifact = 32 << 20

// chunkSize is how an artefact is cut. A stored message costs one fsync each, so chunks are as large as they comfortably
// fit below the server's 1 MiB; readers learn the cut from the object's description.
const chunkSize = 512 << 10

// renewAfter is the age at which a known artefact is stored again, so that what a new run refers to does not expire under it.
const renewAfter = 7 * day

// Artifacts stores what is too large to travel by value, by digest: storing the same bytes again costs nothing, and a
// reference never changes its meaning. Objects have the layout of NATS object stores, so other clients read them too; they
// are written and read here directly, which saves a consumer for each reading and a subscription for each writing.
//
// It is safe for concurrent use.
type Artifacts struct {
	js    jetstream.JetStream
	cache *Cache

	mu     sync.Mutex
	stream jetstream.Stream // guarded by mu; bound at first use, so that rights and topology are checked then
}

// NewArtifacts returns the store on a connection with its own cache of that many bytes.
func NewArtifacts(js jetstream.JetStream, cacheBytes int) *Artifacts {
	return NewArtifactsCached(js, NewCache(cacheBytes))
}

// NewArtifactsCached is [NewArtifacts] with a cache that several units of one process share: what one stores, the next
// need not fetch.
func NewArtifactsCached(js jetstream.JetStream, cache *Cache) *Artifacts {
	return &Artifacts{js: js, cache: cache}
}

var digestPattern = regexp.MustCompile(`^sha256-[0-9a-f]{64}$`)

// Digest is the name of an artefact: "sha256-" and 64 hexadecimal digits.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256-" + hex.EncodeToString(sum[:])
}

// Put stores bytes and returns the reference to them. Bytes that are known cost nothing; bytes that are only in the store cost
// one read. Otherwise it costs one stored message for each 512 KiB and one for the description, in that order: whoever
// sees the description finds the bytes. The caller must not change data afterwards.
func (a *Artifacts) Put(ctx context.Context, mediaType string, data []byte) (*provisov1.Reference, error) {
	if len(data) > MaxArtifact {
		return nil, fmt.Errorf("put artefact: %w", &wire.TooLargeError{Type: mediaType, Size: len(data), Limit: MaxArtifact})
	}
	ref := &provisov1.Reference{Digest: Digest(data), Size: int32(len(data)), MediaType: mediaType}
	if a.cache.fresh(ref.GetDigest()) {
		return ref, nil
	}
	if err := Retry(ctx, func(ctx context.Context) error { return a.put(ctx, ref, data) }); err != nil {
		return nil, fmt.Errorf("put artefact %s: %w", ref.GetDigest(), err)
	}
	return ref, nil
}

// put stores the bytes unless the store has them. Done again after a lost confirmation it finds them, or writes them anew.
func (a *Artifacts) put(ctx context.Context, ref *provisov1.Reference, data []byte) error {
	stream, err := a.bind(ctx)
	if err != nil {
		return err
	}
	_, at, err := describe(ctx, stream, ref.GetDigest())
	if err == nil && time.Since(at) < renewAfter {
		a.cache.add(ref.GetDigest(), data, at)
		return nil
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := a.write(ctx, ref, data); err != nil {
		return err
	}
	a.cache.add(ref.GetDigest(), data, time.Now())
	return nil
}

// Get returns the bytes behind a reference, checked against its digest. They are shared with other callers and must not be
// changed. The error wraps [ErrNotFound] or [ErrCorrupt] where it is one of these.
func (a *Artifacts) Get(ctx context.Context, ref *provisov1.Reference) ([]byte, error) {
	digest := ref.GetDigest()
	if !digestPattern.MatchString(digest) {
		return nil, fmt.Errorf("get artefact: %q is not a digest", digest)
	}
	if data, ok := a.cache.get(digest); ok {
		return data, nil
	}
	var data []byte
	var at time.Time
	err := Retry(ctx, func(ctx context.Context) (err error) {
		data, at, err = a.get(ctx, digest)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get artefact %s: %w", digest, err)
	}
	a.cache.add(digest, data, at)
	return data, nil
}

// get reads an object. What is not there is looked for again for a tenth of a second: a replica may answer that has not
// caught up with what the sender of the reference wrote.
func (a *Artifacts) get(ctx context.Context, digest string) ([]byte, time.Time, error) {
	stream, err := a.bind(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	data, at, err := fetch(ctx, stream, digest)
	for wait := 10 * time.Millisecond; errors.Is(err, ErrNotFound) && wait < 100*time.Millisecond; wait *= 2 {
		select {
		case <-ctx.Done():
			return nil, at, context.Cause(ctx)
		case <-time.After(wait):
			data, at, err = fetch(ctx, stream, digest)
		}
	}
	return data, at, err
}

// PutMessage encodes a message and stores it.
func PutMessage(ctx context.Context, a *Artifacts, m proto.Message) (*provisov1.Reference, error) {
	data, err := wire.Encode(m)
	if err != nil {
		return nil, err
	}
	return a.Put(ctx, MediaType(wire.TypeName(m)), data)
}

// GetMessage fetches and decodes a message that one of our own services stored. Besides the errors of [Artifacts.Get] it
// returns those of [wire.Decode].
func GetMessage[T proto.Message](ctx context.Context, a *Artifacts, ref *provisov1.Reference) (T, error) {
	var none T
	data, err := a.Get(ctx, ref)
	if err != nil {
		return none, err
	}
	return wire.DecodeLimit[T](data, wire.OwnServices, MaxArtifact)
}

func (a *Artifacts) bind(ctx context.Context) (jetstream.Stream, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stream != nil {
		return a.stream, nil
	}
	stream, err := a.js.Stream(ctx, objectStream(ObjectArtifacts))
	if err != nil {
		return nil, fmt.Errorf("bind object store %s: %w", ObjectArtifacts, err)
	}
	a.stream = stream
	return stream, nil
}

// write stores chunks under a name of their own and then the description that names them. Two writers of one artefact do not
// mix: each has its own chunks and the later description wins.
func (a *Artifacts) write(ctx context.Context, ref *provisov1.Reference, data []byte) error {
	sum := sha256.Sum256(data)
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{
			Name:    ref.GetDigest(),
			Headers: nats.Header{HeaderContentType: {ref.GetMediaType()}},
			Opts:    &jetstream.ObjectMetaOptions{ChunkSize: chunkSize},
		},
		Bucket: ObjectArtifacts, NUID: rand.Text(), Size: uint64(len(data)),
		Digest: "SHA-256=" + base64.URLEncoding.EncodeToString(sum[:]),
	}
	subject := chunkSubject(info.NUID)
	for rest := data; len(rest) > 0; info.Chunks++ {
		n := min(len(rest), chunkSize)
		if err := a.store(ctx, &nats.Msg{Subject: subject, Data: rest[:n]}); err != nil {
			return fmt.Errorf("store chunk: %w", err)
		}
		rest = rest[n:]
	}
	description, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("encode description: %w", err)
	}
	m := &nats.Msg{Subject: metaSubject(ref.GetDigest()), Data: description, Header: nats.Header{jetstream.MsgRollup: {jetstream.MsgRollupSubject}}}
	if err := a.store(ctx, m); err != nil {
		return fmt.Errorf("store description: %w", err)
	}
	return nil
}

// store publishes one message of an object. A repetition after a lost confirmation would leave a chunk twice, so it is not
// repeated here: the whole put is, under a new name.
func (a *Artifacts) store(ctx context.Context, m *nats.Msg) error {
	_, err := a.js.PublishMsg(ctx, m)
	if hasCode(err, codeStorageFull) {
		return ErrFull
	}
	return err
}

// fetch returns the bytes of an object, checked, and when it was stored.
func fetch(ctx context.Context, stream jetstream.Stream, digest string) ([]byte, time.Time, error) {
	info, at, err := describe(ctx, stream, digest)
	if err != nil {
		return nil, at, err
	}
	data, err := read(ctx, stream, info)
	if err != nil {
		return nil, at, err
	}
	if Digest(data) != digest {
		return nil, at, ErrCorrupt
	}
	return data, at, nil
}

// describe returns the description of an object and when it was stored.
func describe(ctx context.Context, stream jetstream.Stream, digest string) (jetstream.ObjectInfo, time.Time, error) {
	var info jetstream.ObjectInfo
	raw, err := stream.GetLastMsgForSubject(ctx, metaSubject(digest))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return info, time.Time{}, ErrNotFound
	}
	if err != nil {
		return info, time.Time{}, fmt.Errorf("read description: %w", err)
	}
	if err := json.Unmarshal(raw.Data, &info); err != nil {
		return info, time.Time{}, fmt.Errorf("read description: %w", err)
	}
	if info.Deleted {
		return info, time.Time{}, ErrNotFound
	}
	return info, raw.Time, nil
}

// read returns the bytes of an object. Chunks of one object share a subject of their own, so each is the next message there.
func read(ctx context.Context, stream jetstream.Stream, info jetstream.ObjectInfo) ([]byte, error) {
	if info.Size > MaxArtifact {
		return nil, fmt.Errorf("object of %d bytes is too large", info.Size)
	}
	var data bytes.Buffer
	data.Grow(int(info.Size))
	subject, next := chunkSubject(info.NUID), uint64(1)
	for range info.Chunks {
		chunk, err := stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, ErrNotFound // expired between description and chunk
		}
		if err != nil {
			return nil, fmt.Errorf("read chunk: %w", err)
		}
		data.Write(chunk.Data)
		next = chunk.Sequence + 1
	}
	return data.Bytes(), nil
}

func chunkSubject(name string) string { return objectPrefix(ObjectArtifacts) + "C." + name }

func metaSubject(digest string) string {
	return objectPrefix(ObjectArtifacts) + "M." + base64.URLEncoding.EncodeToString([]byte(digest))
}

func objectPrefix(store string) string { return strings.Join([]string{"$O", store, ""}, ".") }

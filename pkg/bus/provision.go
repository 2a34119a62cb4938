package bus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Provision creates or updates everything in the topology. It needs rights that no service has. A second run changes
// nothing. It refuses with a *[MismatchError], before anything of that object is touched, a change that would lose or
// re-route messages: another retention, storage or consumer filter, a subject less, a limit below what is stored; and it
// refuses to take over an object of somebody else.
func Provision(ctx context.Context, js jetstream.JetStream, opt TopologyOptions) error {
	opt = opt.withDefaults()
	for _, publisher := range opt.Publishers {
		if !ValidID(publisher) || len(publisher) > 28 {
			return fmt.Errorf("provision: publisher %q is no valid name", publisher)
		}
	}
	for _, s := range Streams() {
		if err := provisionStream(ctx, js, s.config(opt)); err != nil {
			return fmt.Errorf("provision stream %s: %w", s.Name, err)
		}
	}
	consumers := Consumers()
	for _, publisher := range opt.Publishers {
		consumers = append(consumers, PublisherConsumer(publisher))
	}
	for _, c := range consumers {
		if err := provisionConsumer(ctx, js, c, opt); err != nil {
			return fmt.Errorf("provision consumer %s/%s: %w", c.Stream, c.Name, err)
		}
	}
	for _, b := range Buckets() {
		if err := provisionBucket(ctx, js, b.config(opt)); err != nil {
			return fmt.Errorf("provision bucket %s: %w", b.Name, err)
		}
	}
	for _, o := range Objects() {
		if err := provisionObjects(ctx, js, o.config(opt)); err != nil {
			return fmt.Errorf("provision object store %s: %w", o.Name, err)
		}
	}
	return nil
}

// Bind returns a consumer that exists and is what the topology says, or a *[MismatchError]. It creates nothing.
func Bind(ctx context.Context, js jetstream.JetStream, c Consumer) (jetstream.Consumer, error) {
	bound, err := js.Consumer(ctx, c.Stream, c.Name)
	if err != nil {
		return nil, fmt.Errorf("bind consumer %s/%s: %w", c.Stream, c.Name, err)
	}
	if differences := rerouting(bound.CachedInfo().Config, c); len(differences) > 0 {
		return nil, &MismatchError{Object: "consumer " + c.Stream + "/" + c.Name, Differences: differences}
	}
	return bound, nil
}

func owned(opt map[string]string) map[string]string {
	out := map[string]string{"contract": Contract, "owner": "proviso"}
	maps.Copy(out, opt)
	return out
}

func (s Stream) config(opt TopologyOptions) jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: s.Name, Description: s.Purpose, Subjects: s.Subjects,
		MaxConsumers: -1, MaxMsgs: -1, MaxMsgsPerSubject: -1,
		MaxBytes: opt.size(s.MaxBytes), MaxMsgSize: maxMessageSize, MaxAge: s.MaxAge,
		Storage: opt.Storage, Replicas: opt.Replicas, Duplicates: s.Duplicates,
		DenyDelete: s.AppendOnly, DenyPurge: s.AppendOnly,
		AllowMsgSchedules: s.Schedules, AllowMsgTTL: s.Schedules, AllowRollup: s.Schedules,
		Metadata: owned(nil),
	}
	if s.WorkQueue {
		c.Retention = jetstream.WorkQueuePolicy
	}
	if s.RefuseWhenFull {
		c.Discard = jetstream.DiscardNew
	}
	return c
}

func (c Consumer) config(opt TopologyOptions) jetstream.ConsumerConfig {
	out := jetstream.ConsumerConfig{
		Name: c.Name, Durable: c.Name,
		AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckWait: opt.AckWait, MaxDeliver: c.MaxDeliver, MaxAckPending: c.MaxAckPending,
		Replicas: opt.Replicas, Metadata: owned(map[string]string{"role": string(c.Role)}),
	}
	if len(c.Filters) == 1 {
		out.FilterSubject = c.Filters[0]
	} else {
		out.FilterSubjects = c.Filters
	}
	return out
}

func (b Bucket) config(opt TopologyOptions) jetstream.KeyValueConfig {
	ttl := b.TTL
	switch b.Name {
	case BucketRuns:
		ttl = opt.RunTTL
	case BucketReservations:
		ttl = opt.ReservationTTL
	}
	return jetstream.KeyValueConfig{
		Bucket: b.Name, Description: b.Purpose, History: b.History, TTL: ttl,
		MaxValueSize: maxMessageSize, MaxBytes: opt.size(b.MaxBytes),
		Storage: opt.Storage, Replicas: opt.Replicas, Metadata: owned(nil),
	}
}

func (o ObjectStore) config(opt TopologyOptions) jetstream.ObjectStoreConfig {
	return jetstream.ObjectStoreConfig{
		Bucket: o.Name, Description: o.Purpose, TTL: opt.ArtifactTTL, MaxBytes: opt.size(o.MaxBytes),
		Storage: opt.Storage, Replicas: opt.Replicas, Metadata: owned(nil),
	}
}

func provisionStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	stream, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err := js.CreateStream(ctx, want); err != nil {
			return fmt.Errorf("create: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	have := stream.CachedInfo()
	if differences := destructive(have, want); len(differences) > 0 {
		return &MismatchError{Object: "stream " + want.Name, Differences: differences}
	}
	merged := have.Config
	merged.Description, merged.Subjects, merged.MaxBytes, merged.MaxMsgSize = want.Description, want.Subjects, want.MaxBytes, want.MaxMsgSize
	merged.MaxAge, merged.Duplicates, merged.Discard, merged.Replicas = want.MaxAge, want.Duplicates, want.Discard, want.Replicas
	merged.DenyDelete, merged.DenyPurge = want.DenyDelete, want.DenyPurge
	merged.AllowMsgSchedules, merged.AllowMsgTTL, merged.AllowRollup = want.AllowMsgSchedules, want.AllowMsgTTL, want.AllowRollup
	if reflect.DeepEqual(merged, have.Config) {
		return nil
	}
	if _, err := js.UpdateStream(ctx, merged); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

func provisionConsumer(ctx context.Context, js jetstream.JetStream, c Consumer, opt TopologyOptions) error {
	want := c.config(opt)
	consumer, err := js.Consumer(ctx, c.Stream, c.Name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		if _, err := js.CreateConsumer(ctx, c.Stream, want); err != nil {
			return fmt.Errorf("create: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	have := consumer.CachedInfo().Config
	if differences := rerouting(have, c); len(differences) > 0 {
		return &MismatchError{Object: "consumer " + c.Stream + "/" + c.Name, Differences: differences}
	}
	merged := have
	merged.AckWait, merged.MaxDeliver, merged.MaxAckPending, merged.Replicas = want.AckWait, want.MaxDeliver, want.MaxAckPending, want.Replicas
	if reflect.DeepEqual(merged, have) {
		return nil
	}
	if _, err := js.UpdateConsumer(ctx, c.Stream, merged); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

func provisionBucket(ctx context.Context, js jetstream.JetStream, want jetstream.KeyValueConfig) error {
	err := guardStore(ctx, js, "bucket "+want.Bucket, jetstream.StreamConfig{
		Name: kvStream(want.Bucket), Storage: want.Storage, Retention: jetstream.LimitsPolicy,
		MaxBytes: want.MaxBytes, MaxAge: want.TTL, MaxMsgsPerSubject: int64(want.History),
	})
	if err != nil {
		return err
	}
	if _, err := js.CreateOrUpdateKeyValue(ctx, want); err != nil {
		return fmt.Errorf("create or update: %w", err)
	}
	return nil
}

func provisionObjects(ctx context.Context, js jetstream.JetStream, want jetstream.ObjectStoreConfig) error {
	err := guardStore(ctx, js, "object store "+want.Bucket, jetstream.StreamConfig{
		Name: objectStream(want.Bucket), Storage: want.Storage, Retention: jetstream.LimitsPolicy,
		MaxBytes: want.MaxBytes, MaxAge: want.TTL, MaxMsgsPerSubject: -1,
	})
	if err != nil {
		return err
	}
	if _, err := js.CreateOrUpdateObjectStore(ctx, want); err != nil {
		return fmt.Errorf("create or update: %w", err)
	}
	return nil
}

// guardStore refuses a destructive change of the stream beneath a bucket; a bucket that does not exist yet passes. The
// subjects of such a stream follow from its name.
func guardStore(ctx context.Context, js jetstream.JetStream, object string, want jetstream.StreamConfig) error {
	stream, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	have := stream.CachedInfo()
	want.Subjects = have.Config.Subjects
	if differences := destructive(have, want); len(differences) > 0 {
		return &MismatchError{Object: object, Differences: differences}
	}
	return nil
}

// destructive lists the differences that would lose messages, or make them unreachable, if want were applied.
func destructive(have *jetstream.StreamInfo, want jetstream.StreamConfig) []string {
	var out []string
	differs := func(field string, has, wants any) {
		out = append(out, fmt.Sprintf("%s: has %v, wants %v", field, has, wants))
	}
	if owner := have.Config.Metadata["contract"]; owner != Contract {
		differs("contract", owner, Contract)
	}
	if have.Config.Retention != want.Retention {
		differs("retention", have.Config.Retention, want.Retention)
	}
	if have.Config.Storage != want.Storage {
		differs("storage", have.Config.Storage, want.Storage)
	}
	for _, subject := range have.Config.Subjects {
		if have.State.Msgs > 0 && !slices.Contains(want.Subjects, subject) {
			differs("subjects", subject, "none of it")
		}
	}
	if want.MaxBytes >= 0 && uint64(want.MaxBytes) < have.State.Bytes {
		differs("bytes", have.State.Bytes, want.MaxBytes)
	}
	if shorter(have.Config.MaxAge, want.MaxAge) && have.State.Msgs > 0 && time.Since(have.State.FirstTime) > want.MaxAge {
		differs("age of the oldest message", time.Since(have.State.FirstTime).Round(time.Second), want.MaxAge)
	}
	if want.MaxMsgsPerSubject > 0 && want.MaxMsgsPerSubject < have.Config.MaxMsgsPerSubject && have.State.Msgs > 0 {
		differs("history", have.Config.MaxMsgsPerSubject, want.MaxMsgsPerSubject)
	}
	return out
}

// shorter reports whether b bounds the age more than a; 0 is no bound.
func shorter(a, b time.Duration) bool { return b != 0 && (a == 0 || b < a) }

// rerouting lists the differences that change which messages a consumer gets, or when they count as done.
func rerouting(have jetstream.ConsumerConfig, want Consumer) []string {
	var out []string
	differs := func(field string, has, wants any) {
		out = append(out, fmt.Sprintf("%s: has %v, wants %v", field, has, wants))
	}
	filters := have.FilterSubjects
	if have.FilterSubject != "" {
		filters = []string{have.FilterSubject}
	}
	if !slices.Equal(filters, want.Filters) {
		differs("filters", filters, want.Filters)
	}
	if have.AckPolicy != jetstream.AckExplicitPolicy {
		differs("ack policy", have.AckPolicy, jetstream.AckExplicitPolicy)
	}
	if have.DeliverPolicy != jetstream.DeliverAllPolicy {
		differs("deliver policy", have.DeliverPolicy, jetstream.DeliverAllPolicy)
	}
	return out
}

func kvStream(bucket string) string     { return "KV_" + bucket }
func objectStream(bucket string) string { return "OBJ_" + bucket }

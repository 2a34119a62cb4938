package bus

import (
	"fmt"
	"slices"
)

// Rights are what one user of the bus may do; everything else is denied. Never write them into a server's configuration with
// an empty list: there that would mean everything.
type Rights struct {
	Publish     []string // allowed
	DenyPublish []string // and taken away again
	Subscribe   []string // allowed
	// Respond allows one reply to each request received, within 5 minutes, wherever the requester wants it.
	Respond bool
}

// InboxPrefix is where replies to a role arrive. It has no dot at its end.
func InboxPrefix(role Role) string { return "_INBOX_" + string(role) }

// Permissions returns the rights of a role. They follow from the topology: a consumer or bucket that a role does not use is
// out of its reach.
func Permissions(role Role) (Rights, error) {
	r := Rights{Subscribe: []string{InboxPrefix(role) + ".>"}}
	switch role {
	case RoleCollector, RoleAnalyser, RoleBuilder:
		r.allow(planeEvent+string(role)+".>", planeDLQ+string(role)+".>")
		r.consume(role)
		r.readObjects(ObjectArtifacts)
		r.writeObjects(ObjectArtifacts)
		r.serve(role)
	case RoleManager:
		for _, worker := range []Role{RoleCollector, RoleAnalyser, RoleBuilder} {
			r.allow(WorkOf(worker))
		}
		r.allow(planeEvent+"manager.>", planeResult+">", planeDLQ+">", planeAudit+"manager.>")
		r.consume(role)
		for _, bucket := range []string{BucketRuns, BucketLeases, BucketIdem, BucketReservations} {
			r.readKeys(bucket)
			r.writeKeys(bucket)
			r.watchKeys(bucket)
		}
		r.readKeys(BucketSessions)
		r.writeKeys(BucketSessions)
		r.readObjects(ObjectArtifacts)
		r.setTimers()
		r.moveDeadLetters()
		r.serve(role)
	case RoleGateway:
		r.allow(WorkOf(RoleManager), planeRPC+">")
		r.readKeys(BucketRuns)
		r.watchKeys(BucketRuns)
		r.readKeys(BucketIdem)
		r.writeKeys(BucketIdem)
		r.readEvents()
		r.readObjects(ObjectArtifacts)
		r.serve(role)
	case RoleProvisioner:
		r.allow("$JS.API.>")
		r.deny("$JS.API.STREAM.DELETE.*", "$JS.API.STREAM.PURGE.*", "$JS.API.STREAM.MSG.DELETE.*", "$JS.API.CONSUMER.DELETE.>")
	default:
		return Rights{}, fmt.Errorf("permissions: unknown role %q", role)
	}
	if role == RoleCollector {
		r.readKeys(BucketAnswers)
		r.writeKeys(BucketAnswers)
	}
	if role == RoleAnalyser {
		r.allow(RPCSubject(RoleCollector, VerbHistory))
		r.readKeys(BucketReservations)
		r.writeKeys(BucketReservations)
		r.watchKeys(BucketReservations)
	}
	r.tidy()
	return r, nil
}

// PublisherPermissions returns the rights of an outside publisher: leave intents, take its own results.
func PublisherPermissions(publisher string) (Rights, error) {
	if !ValidID(publisher) {
		return Rights{}, fmt.Errorf("permissions: publisher %q is no valid name", publisher)
	}
	r := Rights{
		Publish:   []string{IntentSubject(publisher)},
		Subscribe: []string{"_INBOX_" + publisher + ".>", ResultsOf(publisher)},
	}
	r.consumeOne(PublisherConsumer(publisher))
	r.tidy()
	return r, nil
}

func (r *Rights) allow(subjects ...string) { r.Publish = append(r.Publish, subjects...) }
func (r *Rights) deny(subjects ...string)  { r.DenyPublish = append(r.DenyPublish, subjects...) }

// consume gives the consumers that the topology assigns to a role.
func (r *Rights) consume(role Role) {
	for _, c := range Consumers() {
		if c.Role == role {
			r.consumeOne(c)
		}
	}
}

// consumeOne names stream and consumer in full: MSG.NEXT.<stream>.> would allow stealing from the others. The second form of
// the acknowledgement is the one that servers will use by default later.
func (r *Rights) consumeOne(c Consumer) {
	r.allow(
		"$JS.API.CONSUMER.INFO."+c.Stream+"."+c.Name,
		"$JS.API.CONSUMER.MSG.NEXT."+c.Stream+"."+c.Name,
		"$JS.ACK."+c.Stream+"."+c.Name+".>",
		"$JS.ACK.*.*."+c.Stream+"."+c.Name+".>",
	)
}

func (r *Rights) readKeys(bucket string) {
	s := kvStream(bucket)
	r.allow("$JS.API.STREAM.INFO."+s, "$JS.API.DIRECT.GET."+s, "$JS.API.DIRECT.GET."+s+".>")
}

func (r *Rights) writeKeys(bucket string) { r.allow("$KV." + bucket + ".>") }

func (r *Rights) watchKeys(bucket string) {
	s := kvStream(bucket)
	r.allow(
		"$JS.API.STREAM.INFO."+s, "$JS.API.CONSUMER.CREATE."+s+".>", "$JS.API.CONSUMER.DELETE."+s+".>",
		"$JS.FC."+s+".>", "$JS.FC.*.*."+s+".>",
	)
}

// readObjects needs no right to create consumers: [Artifacts] reads each chunk directly.
func (r *Rights) readObjects(store string) {
	s := objectStream(store)
	r.allow("$JS.API.STREAM.INFO."+s, "$JS.API.DIRECT.GET."+s, "$JS.API.DIRECT.GET."+s+".>")
}

func (r *Rights) writeObjects(store string) { r.allow(objectPrefix(store) + ">") }

// readEvents allows ordered consumers of EVENTS with one filter. The durables of that stream are denied, or a reader could
// steal from the manager.
func (r *Rights) readEvents() {
	r.allow(
		"$JS.API.CONSUMER.CREATE."+StreamEvents+".*."+planeEvent+">",
		"$JS.API.CONSUMER.MSG.NEXT."+StreamEvents+".>",
		"$JS.API.CONSUMER.DELETE."+StreamEvents+".>",
	)
	for _, c := range Consumers() {
		if c.Stream == StreamEvents {
			r.deny(
				"$JS.API.CONSUMER.CREATE."+StreamEvents+"."+c.Name+".>",
				"$JS.API.CONSUMER.MSG.NEXT."+StreamEvents+"."+c.Name,
				"$JS.API.CONSUMER.DELETE."+StreamEvents+"."+c.Name,
			)
		}
	}
}

// setTimers does not include the due messages: the server writes them.
func (r *Rights) setTimers() {
	r.allow(planeTimerSet+">", "$JS.API.STREAM.INFO."+StreamTimers, "$JS.API.STREAM.PURGE."+StreamTimers)
}

func (r *Rights) moveDeadLetters() {
	for _, s := range []string{StreamWork, StreamIntents} {
		r.allow("$JS.API.STREAM.INFO."+s, "$JS.API.STREAM.MSG.GET."+s, "$JS.API.STREAM.MSG.DELETE."+s)
	}
}

// serve allows answering short queries.
func (r *Rights) serve(role Role) {
	r.Subscribe = append(r.Subscribe, planeRPC+string(role)+".>", "$SRV.>")
	r.Respond = true
}

func (r *Rights) tidy() {
	for _, list := range []*[]string{&r.Publish, &r.DenyPublish, &r.Subscribe} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

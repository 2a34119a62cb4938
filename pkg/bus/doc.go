// Package bus is Proviso's use of NATS: subjects, topology, publishing, artefacts and rights.
//
// It owns the grammar of subjects and keys (nothing else formats one), the streams, consumers and buckets as data together
// with the one privileged step that creates them ([Provision]) and the check that services do instead ([Bind]), the only
// function that publishes ([Publisher.Publish]), the content-addressed store for what is too large to travel by value
// ([Artifacts]), and the permission lists that follow from the topology ([Permissions]).
//
// It does not consume: the loop, retries of a handler and dead-lettering are in pkg/agent. It does not start servers, and it
// does not know what a message means; that is pkg/wire and the services.
package bus

// Package gateway is Proviso's HTTP front door: it takes requests in, shows runs, streams their events and hands out
// their manifests.
//
// It owns the routes, the limits on what a client may send, problem answers in the client's language, and the sockets.
// It owns no state that matters: a run lives in the bucket "runs", its history in the stream EVENTS, its artefacts in the
// object store, so any replica can answer for any run and a restart loses connections only. It decides nothing about a
// run either: what it accepts, it publishes as work for the manager.
package gateway

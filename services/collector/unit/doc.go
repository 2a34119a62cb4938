// Package collector is the agent that understands requests and collects what they need.
//
// It owns two verbs: understand (words, dialogue or a typed intent become an intent, questions or a refusal) and collect (a
// confirmed intent becomes the context payload, with a snapshot of the cluster that is as fresh as configured). The language
// lives in internal/understand, which is pure; this package is the shell around it: messages, the cache of snapshots, which
// documents an intent calls for, the sentences for a cluster that cannot be read. It places nothing, reserves nothing, and never sends anything but GET.
package collector

// Package profile says what an application is and needs, in one form: from the descriptors of a repository when there are any, else
// from the words of the request and its typed intent.
//
// It owns the meaning of facts: which of several values a deployment would use, what a technology is for, what it needs when nobody
// says so, and how sure each value is. It does not read repositories or understand requests (both are the collector's), and it
// chooses no node, storage or network. It is pure: equal payloads give equal profiles.
//
// # Confidence
//
// Every value has a fact with its origin and a confidence, on this scale:
//
//	1.00  it stands in a descriptor that deploys (Kubernetes, Helm, Kustomize, Compose)
//	0.95  it stands in a Dockerfile or a Procfile, or the typed intent states it
//	0.90  it stands in package metadata or a sample of variables, or follows from an observed image
//	0.80  the words of the request say it
//	0.70  a parser concluded it, or it follows from an observed language or framework
//	0.60  concluded from words, from a name or from a kind
//	0.50  a default of a known technology, or an assumption of the intent
//	0.40  a rule of thumb, such as a size from a number of users
//	0.30  a default of nothing in particular
//
// A value that another place contradicts is 0.20 less sure.
//
// # Untrusted text
//
// Names, images, hosts and commands of a profile come from descriptors and from the typed intent, which were checked on receipt. Of
// free text only facts of closed kinds come out: a technology or role of the tables, a number, a host name by its grammar, a
// schedule. No other word of it goes anywhere but into the sources that are shown to people.
package profile

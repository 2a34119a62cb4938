// Package observe names every metric of Proviso, in one table.
//
// It owns names, labels, help texts, buckets and the registry; callers only count. It owns neither traces nor logs, and no
// metric is derived from a log. Labels are closed sets: never a run, a user, a prompt, the name of a guest, or the text of an
// error.
package observe

package kubernetes

import (
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// limit cuts the lists of a component to what the contract holds, and says so once.
func limit(c *provisov1.Component, into *reading.Result) {
	cut := false
	c.Evidence = most(c.GetEvidence(), 32, &cut)
	c.Images = most(c.GetImages(), 64, &cut)
	c.Ports = most(c.GetPorts(), 128, &cut)
	c.Exposures = most(c.GetExposures(), 128, &cut)
	c.Environment = most(c.GetEnvironment(), 512, &cut)
	c.Volumes = most(c.GetVolumes(), 128, &cut)
	c.Resources = most(c.GetResources(), 64, &cut)
	c.Replicas = most(c.GetReplicas(), 16, &cut)
	c.Commands = most(c.GetCommands(), 32, &cut)
	c.Health = most(c.GetHealth(), 32, &cut)
	if e := c.GetEvidence(); cut {
		into.Problem(e[0].GetFile(), int(e[0].GetLine()), "too_many", "The component "+c.GetName()+" has more facts of one kind than are told.")
	}
}

// most is the beginning of a list.
func most[T any](list []T, n int, cut *bool) []T {
	if len(list) <= n {
		return list
	}
	*cut = true
	return list[:n]
}

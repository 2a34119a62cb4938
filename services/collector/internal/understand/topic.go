package understand

import "slices"

// clusterWords are the classes of words that requests about a cluster have. Programs are not among them: the world
// speaks of Python too.
var clusterWords = []class{clMachine, clNode, clTemplate, clMemory, clCores, clDisk, clStorage, clNetwork, clIP, clVLAN, clGateway, clDNS, clDHCP, clPool, clHA, clHAGroup,
	clBackup, clTags, clImage, clOS, clCPUType, clRole, clKubernetes,
	clLeastLoaded, clMostLoaded, clLinkedClone, clProtected, clAgent, clSwap, clNesting, clWorkload, clSockets}

// clusterQuestions are the classes of words that only questions about a cluster have.
var clusterQuestions = []class{acRoom, acSurvive, acNotBackedUp, acBusiest, acQuorum, acRunning, acStopped, acISO, acHelp, acBackup, acSnapshot,
	acMigrate, acRestore}

// ofCluster reports whether a text names something of a cluster, or something that could be a guest's name.
func (s *sentence) ofCluster() bool {
	if s.cluster() || s.containers || s.code || s.said("id|ids|vmid|vmids|identifiant|identifiants") || s.names(aNode|aNetwork|aStorage|aPool|anHAGroup|aTemplate|aGuest|anImage) {
		return true
	}
	if ids, missing := s.guestIDs(); len(ids) > 0 || identifier(missing) {
		return true
	}
	return slices.ContainsFunc(clusterWords, func(c class) bool { return s.words[c] }) ||
		slices.ContainsFunc(clusterQuestions, func(c class) bool { return s.has[c] })
}

// topic decides anew what was refused for a reason that another one beats: a platform that is asked for by name, and a question that
// has nothing to do with a cluster.
func (r route) topic(text string, p parsed, x *index) route {
	switch {
	case r.code == "" || r.code == "platform_unsupported":
		return r
	case r.platform == "" && r.code != "question_unsupported":
		return r
	}
	s := readExisting(text, x)
	if r.platform != "" && len(p.known) == 0 && (s.code || !p.question && p.first != clAsk) {
		r.kind, r.code, r.enough = kindProvision, "platform_unsupported", true
		return r
	}
	if r.code == "question_unsupported" && !s.ofCluster() {
		return r.refuse(kindOffTopic, "off_topic")
	}
	return r
}

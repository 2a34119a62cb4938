package mention

import "regexp"

// What an application is to run on, as in the contract.
const (
	Kubernetes     = "kubernetes"
	VirtualMachine = "virtual-machine"
	Container      = "container"
)

var targets = []struct {
	name string
	find *regexp.Regexp
}{
	{Kubernetes, regexp.MustCompile(`(?i)\b(?:on|onto|to|in|into|sur|dans|vers)\s+(?:(?:the|a|our|my|le|la|un|notre|mon|nos|l')\s*)?(?:(?:existing|existant|cluster|grappe)\s+)?(?:kubernetes|k8s|k3s|kube)\b(?:\s+cluster)?`)},
	{VirtualMachine, regexp.MustCompile(`(?i)\b(?:on|onto|in|into|inside|as|sur|dans|en)\s+(?:(?:a|one|its own|some|une|un|la|sa propre)\s+)?(?:(?:new|dedicated|small|nouvelle|petite)\s+)?(?:vms?|virtual machines?|machines? virtuelles?)\b(?:\s+d[ée]di[ée]e)?`)},
	{Container, regexp.MustCompile(`(?i)\b(?:on|onto|in|into|inside|as|sur|dans|en)\s+(?:(?:a|an|one|un|le)\s+)?(?:(?:new|nouveau)\s+)?(?:(?:lxc|proxmox)\s+)?(?:lxc|containers?|conteneurs?)\b(?:\s+(?:lxc|proxmox))?`)},
}

// RunsOn returns on what a text wants its application to run; empty: it does not say. Of several the first in the text counts.
func RunsOn(text string) Value {
	var out Value
	for _, t := range targets {
		if m := t.find.FindStringIndex(text); m != nil && (!out.At.Has() || m[0] < out.At.Start) {
			out = Value{t.name, Phrase{m[0], m[1]}}
		}
	}
	return out
}

// deploying are the verbs that ask for an application to run.
var deploying = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:deploy(?:s|ed|ing|ment)?|re-?deploy|run|running|install|host|launch|ship|roll ?out|bring up|spin up|stand up|put|publish|serve|start|set ?up|d[ée]ploie[sz]?|d[ée]ployez|d[ée]ployer|d[ée]ploiement|ex[ée]cute[rsz]?|installe[rsz]?|h[ée]berge[rsz]?|lance[rsz]?|d[ée]marre[rsz]?|fais tourner|faire tourner|faites tourner|tourne[rz]?|mets|mettre|mettez|publie[rsz]?|monte[rsz]?)(?:$|[^\pL])`)

// applying are verbs and nouns that together ask for the same: "create the application from …".
var applying = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:apps?|applications?|applis?|services?|stack|projet|project|site|website|workload|charge de travail|code)(?:$|[^\pL])`)

// making are verbs that create.
var making = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:create|build|make|add|provision|need|want|cr[ée]e[rsz]?|construi[st]|construire|ajoute[rz]?|provisionne[rz]?|veux|voudrais|besoin|il me faut|il nous faut)(?:$|[^\pL])`)

// Deploys reports whether a text asks for an application to run.
func Deploys(text string) bool {
	return deploying.MatchString(text) || applying.MatchString(text) && making.MatchString(text)
}

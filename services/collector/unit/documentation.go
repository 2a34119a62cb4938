package collector

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/knowledge"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// What bounds the extracts of one payload: more would bury what bears on the request.
const (
	extractsMost = 4 // of notes and operators' documents
	pagesMost    = 2 // of the provider's documentation
)

// indexDocuments indexes the notes, the provider's pages and the Markdown files of an operator's folder.
func indexDocuments(cfg Config) (*knowledge.Index, error) {
	documents, _, err := knowledge.Open(knowledge.Sources{Index: cfg.DocsIndex, Folder: cfg.DocsDir})
	return documents, err
}

// A topic is something that an intent raises and that documents have an answer to.
type topic struct {
	query  string
	reason string // what raises it, in English
}

// topics returns what an intent raises on a cluster, what a mistake would cost most first.
func topics(in *provisov1.ProvisionIntent, s *pve.Snapshot) []topic {
	var list []topic
	raise := func(query, reason string, raised func(*provisov1.VirtualMachine) bool) {
		var by []string
		for _, vm := range in.GetVirtualMachines() {
			if raised(vm) {
				by = append(by, calledBy(vm))
			}
		}
		if len(by) > 0 {
			list = append(list, topic{query: query, reason: reason + ": " + strings.Join(by, ", ")})
		}
	}
	ha := func(vm *provisov1.VirtualMachine) bool { return vm.GetHa().GetEnabled() }
	raise("high availability shared storage", "high availability is wanted", ha)
	if s.Major() >= 9 {
		raise("HA groups and rules on Proxmox VE 9", "an HA group is named on Proxmox VE 9", func(vm *provisov1.VirtualMachine) bool {
			return ha(vm) && vm.GetHa().GetGroup() != ""
		})
	}
	raise("template without cloud-init drive", "the template has no cloud-init drive", func(vm *provisov1.VirtualMachine) bool {
		t := template(s, vm.GetSource().GetTemplate())
		return t != nil && t.Config != nil && t.Config.CloudInit == ""
	})
	raise("content type import for cloud images", "the source is an image", func(vm *provisov1.VirtualMachine) bool {
		return vm.GetSource().GetImage() != nil
	})
	raise("static address plan: subnets, gateways, ranges of DHCP", "a static address is wanted", func(vm *provisov1.VirtualMachine) bool {
		return slices.ContainsFunc(vm.GetNetworks(), func(n *provisov1.NetworkInterface) bool { return n.GetIpv4() != "" && n.GetIpv4() != "dhcp" })
	})
	raise("linked clone or full clone", "a linked clone is wanted", func(vm *provisov1.VirtualMachine) bool {
		return vm.FullClone != nil && !vm.GetFullClone()
	})
	raise("survive the loss of one node", "several machines are to stand apart", func(vm *provisov1.VirtualMachine) bool {
		return vm.GetCount() > 1 && vm.GetPlacement().GetGrouping() == "apart"
	})
	raise("ssh keys or password for the user", "no SSH key is given", func(vm *provisov1.VirtualMachine) bool {
		return len(vm.GetInitialization().GetSshKeys()) == 0
	})
	raise("pool covered by a backup job", "a pool is joined", func(vm *provisov1.VirtualMachine) bool { return vm.GetPool() != "" })
	return list
}

// calledBy is how a reason names a machine.
func calledBy(vm *provisov1.VirtualMachine) string {
	if names := vm.GetNames(); len(names) > 0 {
		return names[0] + " and others"
	}
	return cmp.Or(vm.GetName(), vm.GetRole(), "a virtual machine")
}

// template finds a template of the cluster by what an intent says of it.
func template(s *pve.Snapshot, t *provisov1.TemplateSource) *pve.Guest {
	if t == nil {
		return nil
	}
	for i, g := range s.Guests {
		if g.Template && (t.VmId != nil && g.VMID == int(t.GetVmId()) || t.VmId == nil && g.Name == t.GetName()) {
			return &s.Guests[i]
		}
	}
	return nil
}

// document searches the documents for what an intent raises and says what came of it.
func (w *worker) document(in *provisov1.ProvisionIntent, s *pve.Snapshot) ([]*provisov1.DocumentExtract, *provisov1.InformationSource) {
	began := w.now()
	raised := topics(in, s)
	if len(raised) == 0 {
		return nil, source("documentation", "not_needed", "nothing in the intent calls for it", 0)
	}
	extracts := extract(w.documents, raised)
	return extracts, source("documentation", "used", fmt.Sprintf("BM25 over the indexed documents, one query per topic that the intent raises: %d topics, %d extracts",
		len(raised), len(extracts)), w.now().Sub(began))
}

// extract takes for each topic the best passage of notes and operators' documents, then for the first topics that have one the
// provider's page, each document once. A topic that no passage answers yields none.
func extract(documents *knowledge.Index, raised []topic) []*provisov1.DocumentExtract {
	list := extractFrom(documents, raised, extractsMost, knowledge.KindNote, knowledge.KindOwn)
	return append(list, extractFrom(documents, raised, pagesMost, knowledge.KindResource, knowledge.KindGuide)...)
}

func extractFrom(documents *knowledge.Index, raised []topic, most int, kinds ...knowledge.Kind) []*provisov1.DocumentExtract {
	var list []*provisov1.DocumentExtract
	for _, t := range raised {
		if len(list) == most {
			break
		}
		for _, h := range documents.SearchAmong(t.query, 1, kinds...) {
			if slices.ContainsFunc(list, func(e *provisov1.DocumentExtract) bool { return e.GetSource() == h.Source }) {
				continue
			}
			list = append(list, &provisov1.DocumentExtract{Source: cut(h.Source, 512), Title: cut(h.Title, 256), Text: cut(h.Text, 8192), Reason: cut(t.reason, 512)})
		}
	}
	return list
}

// cut returns at most n bytes of a text, as valid UTF-8. The contract counts characters, of which there are no more.
func cut(text string, n int) string {
	return strings.ToValidUTF8(text[:min(n, len(text))], "")
}

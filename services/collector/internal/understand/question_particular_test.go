package understand

import (
	"strings"
	"testing"
)

// Questions that their phrases tell apart, in both languages; the answer begins as given. What is not read is said to be so, with
// the command that tells.
func TestParticularQuestions(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for want, texts := range map[string][]string{
		"The next free id is 102":                        {"what is the next free VM id?", "next vmid", "which VM ID is next? the next free id"},
		"Le prochain identifiant libre est 102":          {"quel est le prochain identifiant de VM libre ?", "donne-moi le prochain vmid libre"},
		"No machine has the id 150":                      {"is id 150 free?", "does VM 150 exist?"},
		"Aucune machine ne porte l'identifiant 150":      {"la VM 150 existe-t-elle ?"},
		"No, 118 is taken by AI-server (118)":            {"is id 118 free?"},
		"9 ids are taken, from 100 to 124":               {"which ids are taken?"},
		"Nothing in the cluster is called “nextcloud”":   {"does a VM named nextcloud exist?"},
		"No, the cluster does not go on unharmed if pmo": {"what happens if pmox02 fails?", "which guests would be down if pmox03 died?"},
		"Non, le cluster ne survit pas sans dommage à l": {"que se passe-t-il si pmox02 tombe en panne ?"},
		"No, with 2 nodes lost at once":                  {"can we lose two nodes?", "what if pmox01 and pmox02 fail?"},
		"Proxmox VE 8.3.0":                               {"which Proxmox version are we running?", "quelle version de Proxmox tourne ici ?", "is everything OK with the cluster?"},
		"1 HA group or rule: mainHA":                     {"which HA groups exist?"},
		"mainvnet: vnet in zone mainzone, VLAN 100":      {"what VLAN does mainvnet use?", "what is the gateway of mainvnet?"},
		"1 image: opnsense-24.7.iso":                     {"what ISO images are available?"},
		"Aucun modèle ne correspond à « debian »":        {"y a-t-il un modèle Debian ?"},
		"There is room for 3 VMs of 6 cores and 8 GiB":   {"is there room for three more workers?"},
		"8 GiB of memory: 4 VMs fit at most":             {"how many 8 GB VMs can we still create?"},
		"No, pmox03 has no room for 32 GiB of memory":    {"can pmox03 take another 32 GB VM?"},
		"8 VMs without tags":                             {"which VMs have no tags?"},
		"Whether the guest agent is enabled":             {"which VMs don't have the guest agent?"},
		"Proviso does not read backups.":                 {"is AI-server backed up?", "when was the last backup of AI-server?"},
		"Proviso ne lit pas les sauvegardes.":            {"AI-server est-il sauvegardé ?"},
		"The snapshots of AI-server (118) are not":       {"what snapshots does AI-server have?"},
		"Which system runs in AI-server (118)":           {"what OS does AI-server run?"},
		"No machine whose configuration was read":        {"which guests are on storage local-lvm?"},
		"No, the cluster does not go on unharmed if pm":  {"can I shut down pmox03 for maintenance?"},
		"No online node has room for 64 GiB of memory":   {"can I create a VM with 64 GB?"},
		"4 VMs with more than 4 GiB":                     {"show all VMs with more than 4 GB"},
		"worker-node-1 (122) has most cores: 6 vCPUs":    {"which VM has the most cores?"},
		"pmox01, pmox02 and pmox03 have room for 200 Gi": {"is there a storage with 200 GB free?"},
		"No machine whose configuration was read is on":  {"who uses vmbr0?"},
		"AI-server (118) uses 0% of 4 vCPUs":             {"what's the CPU usage of AI-server?"},
		"The cluster reports pmox04 as offline":          {"why is pmox04 offline?"},
		"Whether 192.168.1.5 is free is not in what":     {"is the IP 192.168.1.5 free?"},
	} {
		for _, text := range texts {
			u := r.Understand(Request{ID: "q", Text: text}, snap)
			if got := u.GetReply().GetText(); !strings.HasPrefix(got, want) {
				t.Errorf("%s\n got %q %s\nwant %q", text, got, u.GetRefusal().GetMessage(), want)
			}
		}
	}
}

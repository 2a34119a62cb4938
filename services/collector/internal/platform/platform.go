// Package platform is the registry of the platforms that requests can name.
//
// It owns which platforms exist, which of them are served, and by which adapter. It does not read words (understand does)
// nor clusters (the adapters do). A platform is added by one row.
package platform

import (
	"context"
	"slices"

	"proviso.dev/pkg/pve"
)

// Adapter reads the state of one platform.
type Adapter interface {
	// Name of the adapter, for the context payload. Example: "pve".
	Name() string
	// Snapshot returns the present state.
	Snapshot(ctx context.Context) (*pve.Snapshot, error)
}

// Row is one platform.
type Row struct {
	Name    string  // stable, lower case: "proxmox"
	Title   string  // for people: "Proxmox VE"
	Adapter Adapter // nil: known by name, not served
}

// Registry holds the platforms. Its zero value knows none.
type Registry struct{ rows []Row }

// Proxmox is the name of the platform that Proxmox VE is.
const Proxmox = "proxmox"

// New returns a registry of the given rows and of every platform that is known and not served. A given row replaces a
// known one of the same name.
func New(rows ...Row) *Registry {
	r := &Registry{rows: slices.Clone(rows)}
	for _, k := range known {
		if !slices.ContainsFunc(rows, func(row Row) bool { return row.Name == k.Name }) {
			r.rows = append(r.rows, k)
		}
	}
	return r
}

// Find returns the row of a platform.
func (r *Registry) Find(name string) (Row, bool) {
	i := slices.IndexFunc(r.rows, func(row Row) bool { return row.Name == name })
	if i < 0 {
		return Row{}, false
	}
	return r.rows[i], true
}

// Supported reports whether a platform has an adapter.
func (r *Registry) Supported(name string) bool {
	row, ok := r.Find(name)
	return ok && row.Adapter != nil
}

// Title returns the name of a platform for people; a platform that is not known keeps its own.
func (r *Registry) Title(name string) string {
	if row, ok := r.Find(name); ok {
		return row.Title
	}
	return name
}

// Titles returns the names of the platforms that are served, for people.
func (r *Registry) Titles() []string {
	var titles []string
	for _, row := range r.rows {
		if row.Adapter != nil {
			titles = append(titles, row.Title)
		}
	}
	return titles
}

// known are the platforms that requests name although nothing here can serve them.
var known = []Row{
	{Name: "aws", Title: "Amazon Web Services (AWS)"}, {Name: "azure", Title: "Microsoft Azure"}, {Name: "gcp", Title: "Google Cloud"},
	{Name: "vmware", Title: "VMware vSphere"}, {Name: "openstack", Title: "OpenStack"}, {Name: "hyperv", Title: "Microsoft Hyper-V"},
	{Name: "digitalocean", Title: "DigitalOcean"}, {Name: "hetzner", Title: "Hetzner Cloud"}, {Name: "ovh", Title: "OVHcloud"},
	{Name: "scaleway", Title: "Scaleway"}, {Name: "oracle", Title: "Oracle Cloud"}, {Name: "ibm", Title: "IBM Cloud"},
	{Name: "alibaba", Title: "Alibaba Cloud"}, {Name: "linode", Title: "Akamai (Linode)"}, {Name: "nutanix", Title: "Nutanix"},
	{Name: "xen", Title: "XCP-ng / XenServer"}, {Name: "virtualbox", Title: "VirtualBox"}, {Name: "libvirt", Title: "libvirt"},
	{Name: "vultr", Title: "Vultr"}, {Name: "cloudstack", Title: "Apache CloudStack"}, {Name: "ovirt", Title: "oVirt"},
	{Name: "tencent", Title: "Tencent Cloud"},
	{Name: "openshift", Title: "OpenShift"},
	{Name: "opennebula", Title: "OpenNebula"},
	{Name: "parallels", Title: "Parallels"},
	{Name: "incus", Title: "Incus / LXD"},
	{Name: "swarm", Title: "Docker Swarm"},
	{Name: "nomad", Title: "HashiCorp Nomad"},
	{Name: "mesos", Title: "Apache Mesos"},
	{Name: "heroku", Title: "Heroku"},
	{Name: "vercel", Title: "Vercel"},
	{Name: "netlify", Title: "Netlify"},
	{Name: "flyio", Title: "Fly.io"},
	{Name: "cloudflare", Title: "Cloudflare"},
	{Name: "infomaniak", Title: "Infomaniak"},
	{Name: "outscale", Title: "3DS Outscale"},
	{Name: "exoscale", Title: "Exoscale"},
	{Name: "ionos", Title: "IONOS"},
	{Name: "contabo", Title: "Contabo"},
	{Name: "upcloud", Title: "UpCloud"},
	{Name: "clevercloud", Title: "Clever Cloud"},
}

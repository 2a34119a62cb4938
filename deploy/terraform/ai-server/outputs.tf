output "proviso_server" {
  description = "Where the machine is and how to reach it."
  value = {
    vm_id          = proxmox_virtual_environment_vm.proviso_server.vm_id
    node_name      = proxmox_virtual_environment_vm.proviso_server.node_name
    ipv4_addresses = proxmox_virtual_environment_vm.proviso_server.ipv4_addresses
  }
}

variable "proxmox_endpoint" {
  description = "Address of the Proxmox VE API without a path. Without a value the provider reads PROXMOX_VE_ENDPOINT."
  type        = string
  default     = null

  validation {
    condition     = var.proxmox_endpoint == null || can(regex("^https://[^/]+/?$", var.proxmox_endpoint))
    error_message = "The endpoint must start with https:// and have no path."
  }
}

variable "proxmox_api_token" {
  description = "API token, user@realm!name=secret. Without a value the provider reads PROXMOX_VE_API_TOKEN."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.proxmox_api_token == null || can(regex("^\\S+@\\S+!\\S+=[A-Za-z0-9-]+$", var.proxmox_api_token))
    error_message = "The token must have the form user@realm!name=secret."
  }
}

variable "proxmox_insecure" {
  description = "Do not check the server's certificate. Without a value the provider reads PROXMOX_VE_INSECURE."
  type        = bool
  default     = null
}

variable "ssh_public_keys" {
  description = "Public SSH keys of those who may log in."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for key in var.ssh_public_keys : can(regex("^(ssh-|ecdsa-|sk-)\\S+ \\S+", key))])
    error_message = "Each key must be a public key in OpenSSH form."
  }
}

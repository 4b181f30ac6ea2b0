#include "runtime/src/ModuleFile.h"

#include "runtime/format/ModuleNote.h"
#include "runtime/src/Error.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace oriel;

namespace {

/// Opens a regular file and gives its size. O_NONBLOCK: opening a pipe must not wait for a writer.
oriel_status openRegularFile(const char *path, int &fd, uint64_t &size, oriel_error *error) {
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) {
    return fail(error, ORIEL_UNREADABLE_FILE,
                "cannot open '%s': %s: give the path of a module that oriel-compile wrote", path,
                strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(error, ORIEL_NOT_A_MODULE,
                "'%s' is not a regular file: give the path of a module that oriel-compile wrote",
                path);
  }
  size = uint64_t(status.st_size);
  return ORIEL_OK;
}

/// Reads the note, whose size is compared only once its version is known to be ours.
oriel_status readNote(const char *path, int fd, uint64_t fileSize, NoteLocation &location,
                      oriel_module_note &note, oriel_error *error) {
  if (const char *reason = locateModuleNote(fd, fileSize, location)) {
    return fail(error, ORIEL_NOT_A_MODULE,
                "'%s' is not an Oriel module (%s): make one with oriel-compile", path, reason);
  }
  if (location.size < sizeof note.abi_version ||
      !readFully(fd, location.offset, &note.abi_version, sizeof note.abi_version)) {
    return fail(error, ORIEL_NOT_A_MODULE,
                "'%s' is not an Oriel module (its note is cut off): make one with oriel-compile",
                path);
  }
  if (note.abi_version > ORIEL_ABI_VERSION) {
    return fail(
        error, ORIEL_UNSUPPORTED_ABI,
        "'%s' has module ABI version %" PRIu32 " and this runtime knows versions up to %u: "
        "use a newer runtime, or compile the model again with the oriel-compile of this one",
        path, note.abi_version, ORIEL_ABI_VERSION);
  }
  if (location.size != sizeof note || !readFully(fd, location.offset, &note, sizeof note) ||
      note.note_size != sizeof note) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (its note has the wrong size): compile the model again", path);
  }
  return ORIEL_OK;
}

/// Whether the note describes a file of `fileSize` bytes at all.
oriel_status checkLayout(const char *path, uint64_t fileSize, const oriel_module_note &note,
                         oriel_error *error) {
  if (fileSize != note.file_size) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (it has %" PRIu64 " bytes instead of %" PRIu64 "%s): copy it "
                "again or compile the model again",
                path, fileSize, note.file_size,
                fileSize < note.file_size ? ", so it is truncated" : "");
  }
  bool isSound = note.elf_size <= note.parameter_offset && note.parameter_offset <= fileSize &&
                 note.parameter_size == fileSize - note.parameter_offset &&
                 note.parameter_offset % ORIEL_PARAMETER_ALIGNMENT == 0 && note.variant_count > 0 &&
                 note.variant_count <= ORIEL_MAX_VARIANTS;
  for (uint32_t i = 0; isSound && i < note.variant_count; ++i) {
    const char (&target)[sizeof note.variants[i].target] = note.variants[i].target;
    isSound = memchr(target, '\0', sizeof target) != nullptr;
  }
  if (!isSound) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (the sizes in its note contradict each other): compile the model "
                "again",
                path);
  }
  return ORIEL_OK;
}

oriel_status checkDigest(const char *path, const char *part, const uint8_t (&expected)[32],
                         const uint8_t (&actual)[32], bool isRead, oriel_error *error) {
  if (!isRead) {
    return fail(error, ORIEL_UNREADABLE_FILE, "cannot read '%s': check the disk it is on", path);
  }
  if (memcmp(expected, actual, sizeof expected) != 0) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (the SHA-256 of its %s does not match): copy it again or compile "
                "the model again",
                path, part);
  }
  return ORIEL_OK;
}

/// The targets of all variants with commas between.
const char *
targetNames(const oriel_module_note &note,
            char (&text)[ORIEL_MAX_VARIANTS * (sizeof(oriel_note_variant::target) + 2)]) {
  char *end = text;
  for (uint32_t i = 0; i < note.variant_count; ++i) {
    end = stpcpy(stpcpy(end, i > 0 ? ", " : ""), note.variants[i].target);
  }
  return text;
}

/// The last, so least demanding, of the variants (of `target`, if given) that lack the fewest of
/// `features`; nullptr if there is none of `target`.
const oriel_note_variant *findVariant(const oriel_module_note &note, uint64_t features,
                                      const char *target) {
  const oriel_note_variant *best = nullptr;
  auto missing = [&](const oriel_note_variant &variant) {
    return __builtin_popcountll(variant.required_features & ~features);
  };
  for (uint32_t i = 0; i < note.variant_count; ++i) {
    const oriel_note_variant &variant = note.variants[i];
    bool isWanted = target == nullptr || strcmp(variant.target, target) == 0;
    if (isWanted && (best == nullptr || missing(variant) <= missing(*best))) {
      best = &variant;
    }
  }
  return best;
}

oriel_status checkVariants(const char *path, const ModuleFileOptions &options,
                           const oriel_module_note &note, oriel_error *error) {
  char targets[ORIEL_MAX_VARIANTS * (sizeof(oriel_note_variant::target) + 2)];
  char names[160];
  const oriel_note_variant *variant = findVariant(note, options.features, options.target);
  if (variant == nullptr) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "'%s' has no variant for %.32s: it was compiled for %s; choose of these", path,
                options.target, targetNames(note, targets));
  }
  uint64_t missing = variant->required_features & ~options.features;
  if (missing == 0) {
    return ORIEL_OK;
  }
  oriel_feature_names(missing, names, sizeof names);
  if (options.target != nullptr) {
    return fail(error, ORIEL_UNSUPPORTED_CPU,
                "this processor lacks %s for the variant %s of '%s': choose another or none", names,
                variant->target, path);
  }
  bool isOnly = note.variant_count == 1;
  return fail(error, ORIEL_UNSUPPORTED_CPU,
              "'%s' was compiled for %s and this processor lacks %s%s%s: compile the model here "
              "with --target host, or with a lower --target",
              path, targetNames(note, targets), names, isOnly ? "" : " for ",
              isOnly ? "" : variant->target);
}

oriel_status checkOpenFile(const char *path, const ModuleFileOptions &options, int fd,
                           uint64_t fileSize, oriel_module_note &note, oriel_error *error) {
  NoteLocation location;
  oriel_status status = readNote(path, fd, fileSize, location, note, error);
  if (status == ORIEL_OK) {
    status = checkLayout(path, fileSize, note, error);
  }
  uint8_t digest[32] = {};
  if (status == ORIEL_OK) {
    bool isRead = hashElf(fd, note.elf_size, location.offset, digest);
    status = checkDigest(path, "code", note.elf_sha256, digest, isRead, error);
  }
  if (status == ORIEL_OK) {
    status = checkVariants(path, options, note, error);
  }
  if (status == ORIEL_OK && options.verifyParameters) {
    bool isRead = hashRange(fd, note.parameter_offset, note.parameter_size, digest);
    status = checkDigest(path, "parameters", note.parameter_sha256, digest, isRead, error);
  }
  return status;
}

} // namespace

oriel_status oriel::openModuleFile(const char *path, const ModuleFileOptions &options, int &fd,
                                   oriel_module_note &note, oriel_error *error) {
  uint64_t fileSize = 0;
  oriel_status status = openRegularFile(path, fd, fileSize, error);
  if (status == ORIEL_OK) {
    status = checkOpenFile(path, options, fd, fileSize, note, error);
  }
  if (status != ORIEL_OK && fd >= 0) {
    close(fd);
  }
  return status;
}
